import { runLighthouse } from './lighthouse';
import { startShowcase, type ShowcaseStack } from './showcase/stack';

/** Three runs, each with a start of Lighthouse, on a machine that may be busy. */
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
      const result = await runLighthouse(stack, { path: '/meetings', device, runs: 3 });
      expect(result.performance).toBeGreaterThanOrEqual(95);
      expect(result.accessibility).toBeGreaterThanOrEqual(95);
    },
    TIMEOUT_MS,
  );

  test.each(['mobile', 'desktop'] as const)(
    'gives a meeting at least 95 points on %s',
    async (device) => {
      const path = `/meetings/${stack.showcase.meetingId}`;
      const result = await runLighthouse(stack, { path, device, runs: 3 });
      expect(result.performance).toBeGreaterThanOrEqual(95);
      expect(result.accessibility).toBeGreaterThanOrEqual(95);
    },
    TIMEOUT_MS,
  );
});
