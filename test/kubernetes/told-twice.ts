import fs from 'node:fs';
import path from 'node:path';
import type { Conversation } from '../../temporal-dev/demo/conversation';
import type { MeetingRun } from '../../temporal-dev/demo/run-meeting';

/** Everybody says it all a second time, when the next bot has long been there. */
export function sayTwice(conversation: Conversation, folder: string): Conversation {
  const { durationMs, utterances } = conversation;
  const speakers = conversation.speakers.map(({ name, audioFile }) => {
    const wav = fs.readFileSync(audioFile);
    const [header, sound] = [wav.subarray(0, HEADER_BYTES), wav.subarray(HEADER_BYTES)];
    const bytesPerMs = header.readUInt32LE(28) / 1_000;
    const pauseBytes = Buffer.alloc(
      Math.max(0, Math.round((durationMs * bytesPerMs) / 2) * 2 - sound.length),
    );
    const data = Buffer.concat([sound, pauseBytes, sound]);
    const twice = Buffer.concat([header, data]);
    twice.writeUInt32LE(twice.length - 8, 4);
    twice.writeUInt32LE(data.length, HEADER_BYTES - 4);
    const file = path.join(folder, `${name}.wav`);
    fs.writeFileSync(file, twice);
    return { name, audioFile: file };
  });
  const again = utterances.map((each) => ({
    ...each,
    startMs: each.startMs + durationMs,
    endMs: each.endMs + durationMs,
  }));
  const doubled = { speakers, utterances: [...utterances, ...again] };
  return { ...conversation, ...doubled, durationMs: 2 * durationMs };
}

const HEADER_BYTES = 44;

/** Share of the words of a sentence that were written down. */
export function countHeard(said: string, heard: string): number {
  const list = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];
  const known = new Set(list(heard));
  const words = list(said);
  return words.filter((word) => known.has(word)).length / words.length;
}

/** As a transcript reads, with its gaps. */
export function printMeeting({ events, segments }: MeetingRun): void {
  const time = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(6)} s`;
  const lines = [
    ...segments.map((each) => ({
      atMs: each.startMs,
      text: `${each.speaker?.name ?? 'somebody'}: ${each.text}`,
    })),
    ...events.flatMap(({ event }) =>
      event.type === 'gap'
        ? [
            {
              atMs: event.startMs,
              text: `(nobody heard it until ${event.endMs === null ? 'the end' : time(event.endMs).trim()}: ${event.reason})`,
            },
          ]
        : [],
    ),
  ].sort((a, b) => a.atMs - b.atMs);
  process.stdout.write(`${lines.map(({ atMs, text }) => `${time(atMs)}  ${text}`).join('\n')}\n`);
}
