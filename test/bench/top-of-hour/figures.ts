import { decideWake } from '../../../activities/plans';
import { makeBotName } from '../../../domain/temporal';
import type { Database } from '../../../infra/database/client';
import { percentile } from '../percentiles';
import type { PlayedBots } from './played-bots';
import { PLANNING } from './settings';

/** Milliseconds. */
interface Spread {
  p50: number;
  p99: number;
  most: number;
}

export interface Figures {
  launched: number;
  /** By the limit of their user. */
  refused: number;
  forgotten: number;
  twice: number;
  /** Most launches within one second. */
  busiestSecond: number;
  /** Most bots at the same time. */
  mostAtOnce: number;
  /** From the planned start to the launch; negative before it. */
  startMs: Spread;
  /** After the moment that the meeting's own jitter gave it. */
  behindMs: Spread;
  /** From one bot's end to the launch of the one that has its slot; null without such a limit. */
  handOverMs: Spread | null;
}

/** What came of it. */
export async function measureHour(
  db: Database,
  bots: PlayedBots,
  hour: { planned: readonly number[]; startMs: number; slots: number | null },
): Promise<Figures> {
  const { planned, startMs, slots } = hour;
  if (bots.failures[0] !== undefined) throw bots.failures[0];
  const rows = await db.prisma.meeting.findMany({ where: { id: { in: [...planned] } } });
  const refused = rows.filter(({ reason }) => reason === 'limit_reached').length;
  const launched = planned.flatMap((meetingId) => {
    const [atMs] = bots.launchedAt.get(makeBotName(meetingId, 1)) ?? [];
    const wakeAtMs = decideWake({ meetingId, scheduledStartMs: startMs }, PLANNING.leadMs);
    return atMs === undefined ? [] : [{ atMs, wakeAtMs }];
  });
  const times = launched.map(({ atMs }) => atMs).sort((a, b) => a - b);
  return {
    launched: launched.length,
    refused,
    forgotten: planned.length - launched.length - refused,
    twice: bots.launches.length - launched.length,
    busiestSecond: countBusiestSecond(times),
    mostAtOnce: bots.mostAtOnce,
    startMs: spread(times.map((atMs) => atMs - startMs)),
    behindMs: spread(launched.map(({ atMs, wakeAtMs }) => atMs - wakeAtMs)),
    handOverMs: slots === null ? null : spread(pairHandOvers(times, bots.endedAt, slots)),
  };
}

/** The nth bot beyond the slots has the slot of the nth that ended. */
function pairHandOvers(
  launches: readonly number[],
  ends: readonly number[],
  slots: number,
): number[] {
  const freed = [...ends].sort((a, b) => a - b);
  return launches.slice(slots).map((atMs, index) => atMs - (freed[index] ?? NaN));
}

function countBusiestSecond(times: readonly number[]): number {
  const seconds = new Map<number, number>();
  for (const atMs of times) {
    const second = Math.floor(atMs / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  return Math.max(...seconds.values());
}

function spread(values: readonly number[]): Spread {
  return {
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    most: Math.max(...values),
  };
}
