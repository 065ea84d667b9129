import type { ReceivedChunk } from '../../../test/fake-bot-api';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import { readStandup, type SpokenLine } from '../../../test/meeting-pages/sound-cast';

/** How far sound and what the page shows of it may lie apart on a busy machine. */
export const SLACK_MS = 700;

/** Maya, Jonas, Maya, Jonas: each for so long at most, and so long after the one before. */
export function readTwoVoices(
  keys: { Maya: string; Jonas: string },
  { lineMs, stepMs }: { lineMs: number; stepMs: number },
): SpokenLine[] {
  return (['Maya', 'Jonas', 'Maya', 'Jonas'] as const).map((name, turn) => {
    const line = readStandup().filter(({ person }) => person === name)[turn >> 1];
    if (!line) throw new Error(`Expected two lines of ${name}`);
    const toMs = Math.min(line.toMs, line.fromMs + lineMs);
    return { ...line, toMs, person: keys[name], atMs: turn * stepMs };
  });
}

/** Of the time for which a source is said to have been heard: how much of it that person spoke. */
export function shareRight(
  chunks: readonly ReceivedChunk[],
  turns: readonly Turn[],
  { person, source }: { person: string; source: string },
): number {
  const spans = chunks.flatMap(({ capturedAtMs, spans: all }) =>
    (all ?? [])
      .filter((span) => span.source === source)
      .map((span) => [capturedAtMs + span.startMs, capturedAtMs + span.endMs] as const),
  );
  const own = turns.filter((turn) => turn.person === person);
  const right = spans.map(([from, to]) =>
    own.reduce(
      (sum, { startMs, endMs }) =>
        sum + Math.max(0, Math.min(to, endMs + SLACK_MS) - Math.max(from, startMs - SLACK_MS)),
      0,
    ),
  );
  const heardMs = spans.reduce((sum, [from, to]) => sum + to - from, 0);
  return right.reduce((sum, each) => sum + each, 0) / heardMs;
}
