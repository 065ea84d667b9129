import { BOT_HEARTBEAT_INTERVAL_MS } from './bot-api';
import { BOT_LOOK_INTERVAL_MS, BOT_SILENCE_LIMIT_MS, createSilenceJudge } from './bot-silence';

const NOTICED_WITHIN_MS = 20_000;
/** From the look that finds a bot lost until its workflow closes the attempt. */
const WORKFLOW_MS = 500;

interface World {
  /** When the first look falls, after the last heartbeat. */
  phaseMs?: number;
  others?: { expected: number; heard: number };
  isIntakeAnswering?(silentMs: number): boolean;
}

/** How long a bot that falls silent for ever has been silent when a look finds it lost. */
async function findLost(world: World = {}): Promise<number> {
  const { phaseMs = 0, others = { expected: 0, heard: 0 }, isIntakeAnswering } = world;
  const judge = createSilenceJudge();
  const isLostAfter = (silentMs: number): Promise<boolean> =>
    judge.isTooLong({
      nowMs: silentMs,
      silentMs,
      limitMs: BOT_SILENCE_LIMIT_MS,
      ...others,
      isIntakeAnswering: () => Promise.resolve(isIntakeAnswering?.(silentMs) ?? true),
    });
  let silentMs = phaseMs;
  while (!(await isLostAfter(silentMs))) silentMs += BOT_LOOK_INTERVAL_MS;
  return silentMs;
}

const PHASES = Array.from({ length: BOT_LOOK_INTERVAL_MS / 100 }, (_, index) => index * 100);
const findAllLost = (world: World) =>
  Promise.all(PHASES.map((phaseMs) => findLost({ ...world, phaseMs })));

describe('the judge of a bot’s silence', () => {
  test.each([
    ['it is the only bot and the API answers', { expected: 0, heard: 0 }],
    ['another bot is heard', { expected: 1, heard: 1 }],
  ])('has a lost bot noticed within 20 s where %s', async (_, others) => {
    const lost = await findAllLost({ others });
    expect(Math.max(...lost)).toBeLessThanOrEqual(NOTICED_WITHIN_MS - WORKFLOW_MS);
  });

  test('lets a bot miss four heartbeats', async () => {
    const lost = await findAllLost({});
    expect(Math.min(...lost)).toBeGreaterThan(5 * BOT_HEARTBEAT_INTERVAL_MS);
  });

  test('starts to count once the API answers again', async () => {
    const backAfterMs = 60_000;
    const lost = await findLost({ isIntakeAnswering: (silentMs) => silentMs >= backAfterMs });
    expect(lost - backAfterMs).toBeGreaterThanOrEqual(BOT_SILENCE_LIMIT_MS / 2);
    expect(lost - backAfterMs).toBeLessThanOrEqual(BOT_SILENCE_LIMIT_MS);
  });

  test('gives bots that are all silent at once two minutes', async () => {
    await expect(findLost({ others: { expected: 3, heard: 0 } })).resolves.toBeGreaterThan(120_000);
  });
});
