import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import { EndingDecision } from './ending';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('what is waited for until an ending is decided', () => {
  test('comes as it is, also when it fails', async () => {
    const decision = new EndingDecision();
    await expect(decision.whileUndecided(Promise.resolve('seen'))).resolves.toBe('seen');
    const failing = Promise.reject(new Error('gone'));
    await expect(decision.whileUndecided(failing)).rejects.toThrow('gone');
  });

  test('is waited for no longer once it is decided', async () => {
    const decision = new EndingDecision();
    const waiting = decision.whileUndecided(new Promise(() => undefined));
    decision.end('stopped');
    await expect(waiting).resolves.toBeNull();
    const later = decision.whileUndecided(new Promise(() => undefined));
    await expect(later).resolves.toBeNull();
  });

  test('is not kept in memory until then', async () => {
    const decision = new EndingDecision();
    const views: WeakRef<object>[] = [];
    for (let look = 0; look < 100; look += 1) {
      const view = await decision.whileUndecided(Promise.resolve({ people: [] }));
      if (view) views.push(new WeakRef(view));
    }
    // what a WeakRef was made for in this turn is kept until the next
    await turn();
    collectGarbage();
    expect(views).toHaveLength(100);
    expect(views.filter((view) => view.deref()).length).toBeLessThanOrEqual(1);
    expect(decision.ending).toBeNull();
  });
});
