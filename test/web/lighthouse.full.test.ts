import { runLighthouse } from './lighthouse';
import { startShowcase, type ShowcaseStack } from './showcase/stack';

/** Five runs, each with a start of Lighthouse, on a machine that may be busy. */
const TIMEOUT_MS = 300_000;

let stack: ShowcaseStack;

beforeAll(async () => {
  stack = await startShowcase({ name: 'lighthouse', now: new Date() });
}, TIMEOUT_MS);
afterAll(() => stack.stop(), 60_000);

describe('Lighthouse', () => {
  test.each(['mobile', 'desktop'] as const)(
    'gives the list of meetings at least 95 points on %s',
    async (device) => {
      const { best } = await runLighthouse(stack, { path: '/meetings', device, runs: 5 });
      expect(best.performance).toBeGreaterThanOrEqual(95);
      expect(best.accessibility).toBeGreaterThanOrEqual(95);
    },
    TIMEOUT_MS,
  );

  test.each(['mobile', 'desktop'] as const)(
    'gives a meeting at least 95 points on %s',
    async (device) => {
      const path = `/meetings/${stack.showcase.meetingId}`;
      const { best } = await runLighthouse(stack, { path, device, runs: 5 });
      expect(best.performance).toBeGreaterThanOrEqual(95);
      expect(best.accessibility).toBeGreaterThanOrEqual(95);
    },
    TIMEOUT_MS,
  );
});
