import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpokenLine } from '../../meeting-pages/sound-cast';

const AUDIO = join(__dirname, '../../audio');
const NAMES = ['Maya', 'Jonas', 'Priya', 'Tom', 'Ada', 'Ben', 'Chloe', 'Dev'];
const PAUSE_MS = 350;
/** Every second line begins this much before the one before it has ended. */
const OVERLAP_MS = 1_200;
const LINES = 9;

export interface ScriptLine extends Required<SpokenLine> {
  text: string;
}

/** What is said in a conversation of `speakers` people, in order. */
export function writeScript(speakers: number, hasOverlap: boolean): ScriptLine[] {
  const clips = [...readClips('planning', 'flac'), ...readClips('standup', 'wav')];
  let endMs = 0;
  return clips.slice(0, LINES).map((clip, index) => {
    const person = NAMES[index % speakers] ?? '';
    const isOver = hasOverlap && index % 2 === 1;
    const atMs = Math.max(0, endMs + (isOver ? -OVERLAP_MS : PAUSE_MS));
    endMs = atMs + clip.toMs - clip.fromMs;
    return { ...clip, person, atMs };
  });
}

export function listSpeakers(speakers: number): string[] {
  return NAMES.slice(0, speakers);
}

function readClips(name: string, extension: string): Omit<ScriptLine, 'person' | 'atMs'>[] {
  const { utterances } = JSON.parse(readFileSync(join(AUDIO, `${name}.json`), 'utf8')) as {
    utterances: { speaker: string; startMs: number; endMs: number; text: string }[];
  };
  return utterances
    .filter(({ startMs, endMs }) => endMs - startMs > 2_500)
    .map(({ speaker, startMs, endMs, text }) => ({
      wav: `${name}-${speaker.toLowerCase()}.${extension}`,
      fromMs: startMs,
      toMs: endMs,
      text,
    }));
}
