import type { ExportChoices } from '../../domain/export';
import { nameSpeaker, type ReadableMeeting, type TranscriptEntry } from '../../domain/transcript';
import { oneLine } from './text';

/** How long a cue stands whose end is not known. */
const OPEN_CUE_MS = 5_000;

/** SubRip: numbered cues with a blank line between them. */
export async function* writeSrt(
  meeting: ReadableMeeting,
  { speakers }: ExportChoices,
): AsyncGenerator<string> {
  let number = 0;
  for await (const page of meeting.readPages()) {
    yield page
      .map((entry) => {
        number += 1;
        const name =
          speakers && entry.kind === 'segment' ? `${oneLine(nameSpeaker(entry.speaker))}: ` : '';
        // SubRip knows no escapes, and an arrow would begin another cue.
        const text = (name + cueText(entry)).replaceAll('-->', '→');
        return `${number}\n${formatSpan(entry, ',')}\n${text}\n\n`;
      })
      .join('');
  }
}

/** WebVTT, https://www.w3.org/TR/webvtt1/: speakers are voices. */
export async function* writeVtt(
  meeting: ReadableMeeting,
  { speakers }: ExportChoices,
): AsyncGenerator<string> {
  yield 'WEBVTT\n\n';
  for await (const page of meeting.readPages()) {
    yield page
      .map((entry) => {
        const voice =
          speakers && entry.kind === 'segment'
            ? `<v ${escapeVtt(oneLine(nameSpeaker(entry.speaker)))}>`
            : '';
        return `${formatSpan(entry, '.')}\n${voice}${escapeVtt(cueText(entry))}\n\n`;
      })
      .join('');
  }
}

function cueText(entry: TranscriptEntry): string {
  return entry.kind === 'gap' ? '[not heard]' : oneLine(entry.text);
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A cue ends after it began. */
function formatSpan({ startMs, endMs }: TranscriptEntry, point: ',' | '.'): string {
  const end = Math.max(endMs ?? startMs + OPEN_CUE_MS, startMs + 1);
  return `${formatMoment(startMs, point)} --> ${formatMoment(end, point)}`;
}

function formatMoment(ms: number, point: ',' | '.'): string {
  const pad = (number: number, places: number): string => String(number).padStart(places, '0');
  const seconds = Math.floor(ms / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${clock.map((part) => pad(part, 2)).join(':')}${point}${pad(ms % 1000, 3)}`;
}
