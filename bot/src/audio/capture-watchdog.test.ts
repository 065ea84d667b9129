import { CaptureWatchdog, type WatchdogAction } from './capture-watchdog';

const START_MS = 1_000_000;
const LOOK_MS = 500;

/** Looks twice a second; `at` says whom the page shows and whether there is sound in that second. */
function watch(seconds: number, at: (second: number) => { shown: string[]; hasSound?: boolean }) {
  const watchdog = new CaptureWatchdog();
  const actions: WatchdogAction[] = [];
  let soundAtMs = START_MS;
  let nowMs = START_MS;
  for (; nowMs < START_MS + seconds * 1000; nowMs += LOOK_MS) {
    const { shown, hasSound = false } = at(Math.floor((nowMs - START_MS) / 1000));
    if (hasSound) soundAtMs = nowMs;
    const action = watchdog.look(shown, soundAtMs, nowMs);
    if (action) actions.push(action);
  }
  const last = watchdog.end(nowMs);
  return { kinds: actions.map(({ kind }) => kind), actions: last ? [...actions, last] : actions };
}

describe('the watchdog of the capture', () => {
  test('is content while there is sound, and while nobody speaks', () => {
    expect(watch(120, () => ({ shown: ['maya'], hasSound: true })).actions).toEqual([]);
    expect(watch(120, () => ({ shown: [] })).actions).toEqual([]);
  });

  test('asks to hear anew when somebody has been speaking for 20 s without any sound', () => {
    const silentFrom = (second: number) => ({ shown: ['maya'], hasSound: second < 5 });
    const flickering = (second: number) =>
      second % 4 === 3 && second > 5 ? { shown: [] } : silentFrom(second);
    expect(watch(24, flickering).kinds).toEqual([]);
    expect(watch(28, flickering).kinds).toEqual(['rehear']);
  });

  test('gives up when hearing anew has not helped three times', () => {
    const { kinds } = watch(100, (second) => ({ shown: second % 3 ? ['maya'] : [] }));
    expect(kinds).toEqual(['rehear', 'rehear', 'rehear', 'give_up']);
  });

  test('tells what was missed once there is sound again', () => {
    const { actions } = watch(40, (second) => ({
      shown: second < 5 || second % 5 === 0 ? [] : ['maya'],
      hasSound: second < 5 || second >= 30,
    }));
    expect(actions).toEqual([
      { kind: 'rehear', tries: 1 },
      { kind: 'gap', startAtMs: START_MS + 6_000, endAtMs: START_MS + 30_000 },
    ]);
  });

  test('tells what was still being missed at the end', () => {
    const { actions } = watch(30, (second) => ({ shown: second % 5 === 0 ? [] : ['maya'] }));
    expect(actions.at(-1)).toEqual({
      kind: 'gap',
      startAtMs: START_MS + 1_000,
      endAtMs: START_MS + 30_000,
    });
  });

  test('does not take a page that keeps showing the last speaker for somebody speaking', () => {
    const { actions } = watch(120, (second) => ({ shown: ['maya'], hasSound: second < 5 }));
    expect(actions).toEqual([]);
  });

  test('does not take one short sign for somebody speaking', () => {
    expect(watch(120, (second) => ({ shown: second === 5 ? ['maya'] : [] })).actions).toEqual([]);
  });
});
