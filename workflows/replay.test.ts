import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

const HISTORIES = path.join(__dirname, '../test/histories');
const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

let workflowBundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./index'),
    logger: new DefaultLogger('ERROR'),
  });
});

function replay(history: unknown, bundle = workflowBundle): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle: bundle }, history);
}

function readHistory(file: string): { events: { eventType: string }[] } {
  return JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')) as ReturnType<
    typeof readHistory
  >;
}

describe('workflows that run while this version is deployed', () => {
  test.each(files)('go on from the recorded history %s', async (file) => {
    await expect(replay(readHistory(file))).resolves.toBeUndefined();
  });

  test.each(files)('go on from any moment of %s, whenever the upgrade comes', async (file) => {
    const { events, ...rest } = readHistory(file);
    const cuts = events.flatMap(({ eventType }, index) =>
      eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED' ? [index + 1] : [],
    );
    for (const cut of cuts.filter((_, index) => index % 4 === 1)) {
      await expect(replay({ ...rest, events: events.slice(0, cut) })).resolves.toBeUndefined();
    }
  });

  test('would be lost without the patch that a changed step has', async () => {
    // recorded before a dead bot's disk was emptied beside the next one
    const history = readHistory('meeting-relaunched-after-crash.json');
    expect(JSON.stringify(history)).not.toContain('deliverSpool');
    const patch = /\(0,\s*[\w.]+\.patched\)\('deliver-spool'\)/;
    expect(patch.test(workflowBundle.code)).toBe(true);
    const code = workflowBundle.code.replace(patch, 'true');
    await expect(replay(history, { ...workflowBundle, code })).rejects.toMatchObject({
      name: 'DeterminismViolationError',
    });
  });

  test('are told from histories that this version would not have written', async () => {
    const history = readHistory('meeting-goes-well.json');
    const text = JSON.stringify(history).replaceAll('"launchBot"', '"sendBot"');
    await expect(replay(JSON.parse(text))).rejects.toMatchObject({
      name: 'DeterminismViolationError',
    });
  });
});
