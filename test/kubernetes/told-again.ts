import fs from 'node:fs';
import path from 'node:path';
import type { MeetingEvent } from '../../domain/events';
import type { Conversation } from '../../temporal-dev/demo/conversation';
import type { MeetingRun } from '../../temporal-dev/demo/run-meeting';

/** Everybody says it all again, so many times in all, when the next bot has long been there. */
export function sayAgain(conversation: Conversation, times: number, folder: string): Conversation {
  const { durationMs, utterances } = conversation;
  const turns = Array.from({ length: times }, (_, turn) => turn);
  const speakers = conversation.speakers.map(({ name, audioFile }) => {
    const wav = fs.readFileSync(audioFile);
    const [header, sound] = [wav.subarray(0, HEADER_BYTES), wav.subarray(HEADER_BYTES)];
    const bytesPerMs = header.readUInt32LE(28) / 1_000;
    const pauseBytes = Buffer.alloc(
      Math.max(0, Math.round((durationMs * bytesPerMs) / 2) * 2 - sound.length),
    );
    const data = Buffer.concat(turns.flatMap(() => [sound, pauseBytes]));
    const whole = Buffer.concat([header, data]);
    whole.writeUInt32LE(whole.length - 8, 4);
    whole.writeUInt32LE(data.length, HEADER_BYTES - 4);
    const file = path.join(folder, `${name}-${times}.wav`);
    fs.writeFileSync(file, whole);
    return { name, audioFile: file };
  });
  const all = turns.flatMap((turn) =>
    utterances.map((each) => ({
      ...each,
      startMs: each.startMs + turn * durationMs,
      endMs: each.endMs + turn * durationMs,
    })),
  );
  return { ...conversation, speakers, utterances: all, durationMs: times * durationMs };
}

const HEADER_BYTES = 44;

/** Share of the words of a sentence that were written down. */
export function countHeard(said: string, heard: string): number {
  const list = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];
  const known = new Set(list(heard));
  const words = list(said);
  return words.filter((word) => known.has(word)).length / words.length;
}

type Gap = Extract<MeetingEvent['event'], { type: 'gap' }>;

/** When nobody heard the meeting, and why. */
export function listGaps({ events }: MeetingRun): Gap[] {
  return events.flatMap(({ event }) => (event.type === 'gap' ? [event] : []));
}

/** What was said in segments that began at such a time. */
export function readText({ segments }: MeetingRun, isThen: (atMs: number) => boolean): string {
  const chosen = segments.filter(({ startMs }) => isThen(startMs));
  return chosen.map(({ text }) => text).join(' ');
}

/** As a transcript reads, with its gaps. */
export function printMeeting(run: MeetingRun): void {
  const time = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(6)} s`;
  const lines = [
    ...run.segments.map((each) => ({
      atMs: each.startMs,
      text: `${each.speaker?.name ?? 'somebody'}: ${each.text}`,
    })),
    ...listGaps(run).map(({ startMs, endMs, reason }) => ({
      atMs: startMs,
      text: `(nobody heard it until ${endMs === null ? 'the end' : time(endMs).trim()}: ${reason})`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  process.stdout.write(`${lines.map(({ atMs, text }) => `${time(atMs)}  ${text}`).join('\n')}\n`);
}
