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

function replay(history: unknown): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle }, history);
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

  test('are told from histories that this version would not have written', async () => {
    const history = readHistory('meeting-goes-well.json');
    const text = JSON.stringify(history).replaceAll('"launchBot"', '"sendBot"');
    await expect(replay(JSON.parse(text))).rejects.toMatchObject({
      name: 'DeterminismViolationError',
    });
  });
});
