import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** People whose voices are files, all on one clock, and what they say. */
export interface Conversation {
  title: string;
  durationMs: number;
  speakers: Array<{ name: string; audioFile: string }>;
  /** Empty when the words are not known beforehand. */
  utterances: Utterance[];
}

export interface Utterance {
  speaker: string;
  startMs: number;
  endMs: number;
  text: string;
}

const conversationFile = z.object({
  name: z.string(),
  durationMs: z.number(),
  speakers: z.array(z.string()),
  utterances: z.array(
    z.object({
      speaker: z.string(),
      startMs: z.number(),
      endMs: z.number(),
      text: z.string(),
    }),
  ),
});

/** Reads `<name>.json` and expects `<name>-<speaker>.wav` beside it for each speaker. */
export async function readConversation(jsonFile: string): Promise<Conversation> {
  const content = conversationFile.parse(JSON.parse(await readFile(jsonFile, 'utf8')));
  const folder = path.dirname(jsonFile);
  return {
    title: 'Stand-up',
    durationMs: content.durationMs,
    utterances: content.utterances,
    speakers: content.speakers.map((name) => ({
      name,
      audioFile: path.join(folder, `${content.name}-${name.toLowerCase()}.wav`),
    })),
  };
}
