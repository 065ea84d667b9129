import type { Entry } from './transcript';

/** A stretch of a recording in one colour: one speaker's, or one that went unheard. */
export interface Stretch {
  kind: 'speech' | 'gap';
  speakerId: number | null;
  /** From 0 to `LANE_STEPS`. */
  from: number;
  to: number;
}

/** As fine as a lane is drawn, however long the meeting. */
export const LANE_STEPS = 600;

/** Who speaks when, in steps: the last of those who speak in a step has it. */
export function drawLane(entries: readonly Entry[], durationMs: number): Stretch[] {
  if (durationMs <= 0) return [];
  const steps = new Array<Pick<Stretch, 'kind' | 'speakerId'> | undefined>(LANE_STEPS);
  const toStep = (ms: number): number => Math.min(LANE_STEPS, (ms / durationMs) * LANE_STEPS);
  for (const entry of entries) {
    const { what, endMs } = describe(entry, durationMs);
    const from = Math.floor(toStep(entry.startMs));
    const to = Math.max(from + 1, Math.ceil(toStep(endMs)));
    steps.fill(what, from, Math.min(to, LANE_STEPS));
  }
  return join(steps);
}

function describe(entry: Entry, durationMs: number) {
  switch (entry.kind) {
    case 'segment': {
      const { speaker, endMs } = entry.segment;
      return { what: { kind: 'speech' as const, speakerId: speaker?.id ?? null }, endMs };
    }
    case 'gap':
      return {
        what: { kind: 'gap' as const, speakerId: null },
        endMs: entry.gap.endMs ?? durationMs,
      };
    case 'failed':
      return { what: { kind: 'gap' as const, speakerId: null }, endMs: entry.chunk.endMs };
  }
}

/** Neighbours of the same colour as one. */
function join(steps: (Pick<Stretch, 'kind' | 'speakerId'> | undefined)[]): Stretch[] {
  const lane: Stretch[] = [];
  for (let step = 0; step < LANE_STEPS; step += 1) {
    const what = steps[step];
    if (!what) continue;
    const last = lane.at(-1);
    if (last?.to === step && last.kind === what.kind && last.speakerId === what.speakerId) {
      last.to = step + 1;
    } else {
      lane.push({ ...what, from: step, to: step + 1 });
    }
  }
  return lane;
}

/** Which entry is heard at this moment of the recording; -1 before the first. */
export function findEntryAt(entries: readonly Entry[], ms: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.startMs ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
