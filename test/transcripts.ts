import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AnalysisSegment } from '../domain/analysis';

interface Conversation {
  speakers: string[];
  utterances: { speaker: string; startMs: number; endMs: number; text: string }[];
}

/** What is said in the recordings of `test/audio`, as one segment an utterance with ids from 1. */
export function readStandup(): AnalysisSegment[] {
  const file = path.join(__dirname, 'audio/standup.json');
  const { speakers, utterances } = JSON.parse(readFileSync(file, 'utf8')) as Conversation;
  return utterances.map(({ speaker, ...utterance }, index) => ({
    ...utterance,
    id: index + 1,
    speakerId: speakers.indexOf(speaker) + 1,
    speakerName: speaker,
  }));
}

/** Lines of "Name: text" as segments of 3 s with ids from 1 and 0.5 s between them. */
export function makeTranscript(lines: readonly string[]): AnalysisSegment[] {
  const names = [...new Set(lines.map((line) => line.split(': ')[0]))];
  return lines.map((line, index) => {
    const [name = '', ...text] = line.split(': ');
    const isKnown = name !== '?';
    return {
      id: index + 1,
      startMs: index * 3_500,
      endMs: index * 3_500 + 3_000,
      text: text.join(': '),
      speakerId: isKnown ? names.indexOf(name) + 1 : null,
      speakerName: isKnown ? name : null,
    };
  });
}
