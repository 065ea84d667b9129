import pino from 'pino';
import type { BotLaunch } from '../../infra/bot-launcher';
import { waitFor, watchBots, type BotCache } from '../../infra/kubernetes/bot-watch';
import { makeLaunch, sees } from '../bot-launcher-contract';
import {
  KUBERNETES_BUILD_MS,
  makeNamespace,
  startControlPlane,
  type ControlPlane,
} from './control-plane';
import { makeLauncher, makeNamespaceName, type KubernetesLauncher } from './launchers';
import { openLine, type Line } from './line';
import { describe as describePod, startPaperKubelet, type PaperKubelet } from './paper-kubelet';

const namespace = makeNamespaceName();
let plane: ControlPlane;
let kubelet: PaperKubelet;
/** Always reaches the API server. */
let launcher: KubernetesLauncher;
/** Leads from `watched` to the API server. */
let line: Line;
let watched: BotCache;
beforeAll(async () => {
  plane = await startControlPlane();
  kubelet = await startPaperKubelet(plane.cluster);
  await makeNamespace(plane.cluster, namespace);
  launcher = makeLauncher(plane.cluster, { BOT_NAMESPACE: namespace });
  line = await openLine(Number(new URL(plane.server).port));
  const logger = pino({ level: 'silent' });
  watched = watchBots(plane.openAdmin(`https://127.0.0.1:${line.port}`), { namespace, logger });
}, KUBERNETES_BUILD_MS);
afterAll(async () => {
  await watched?.close();
  line?.close();
  await launcher?.close();
  await kubelet?.close();
  await plane?.stop();
});

let launched = 0;
async function launchOne(): Promise<BotLaunch> {
  launched++;
  const bot = makeLaunch(launched);
  await launcher.launch(bot);
  await sees(launcher, bot.name, 'running');
  return bot;
}

async function listPods(bot?: BotLaunch) {
  const labelSelector = bot && `batch.kubernetes.io/job-name=${bot.name}`;
  return plane.cluster.core.listNamespacedPod({ namespace, labelSelector });
}

async function endByMemory(bot: BotLaunch): Promise<void> {
  const [pod] = (await listPods(bot)).items;
  if (pod === undefined) throw new Error(`Expected a pod of ${bot.name}`);
  const terminated = { exitCode: 137, reason: 'OOMKilled' };
  await kubelet.report(pod, describePod(pod, 'Failed', { terminated }));
}

const isKnown = ({ name }: BotLaunch): boolean => watched.find(name).pod !== undefined;
const readEnd = ({ name }: BotLaunch): string | undefined =>
  watched.find(name).pod?.status?.containerStatuses?.[0]?.state?.terminated?.reason;

async function until(isTrue: () => boolean): Promise<void> {
  expect(await waitFor(watched, isTrue, 30_000)).toBe(true);
}

async function restartApiServer(): Promise<void> {
  await plane.apiServer.kill();
  await plane.apiServer.start();
}

/** What the API server answers a watch that wants to go on from there. */
function askToGoOn(version: string): string {
  const query = `watch=true&timeoutSeconds=1&resourceVersion=${version}`;
  return plane.kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods?${query}`);
}

describe('a watch of bots that breaks off', () => {
  test.each([
    ['goes on where it stopped', () => Promise.resolve(), '"type":"ADDED"'],
    ['begins anew when the server answers 410 Gone', restartApiServer, '"code":410'],
  ])('%s, and misses nothing of what came, changed and went', async (_, act, answer) => {
    const [stays, dies, goes] = [await launchOne(), await launchOne(), await launchOne()];
    await until(() => [stays, dies, goes].every(isKnown));
    line.cut();
    await until(() => !watched.isFresh());
    const version = (await listPods()).metadata?.resourceVersion ?? '';
    await endByMemory(dies);
    await launcher.erase(goes.name);
    const comes = await launchOne();
    await act();
    expect(askToGoOn(version)).toContain(answer);
    expect([isKnown(comes), readEnd(dies), isKnown(goes)]).toEqual([false, undefined, true]);

    line.mend();
    await until(() => isKnown(comes) && readEnd(dies) === 'OOMKilled' && !isKnown(goes));
    await until(() => watched.isFresh());
    const left = [stays, dies, comes].map(({ name }) => name);
    expect(watched.listNames()).toEqual(expect.arrayContaining(left));
    expect(watched.listNames()).not.toContain(goes.name);
    await endByMemory(stays);
    await until(() => readEnd(stays) === 'OOMKilled');
  });
});

describe('an API server that restarts', () => {
  test('costs a launcher nothing of what it knew, and it sees what happened since', async () => {
    const bot = await launchOne();
    await plane.apiServer.kill();
    await expect(launcher.inspect(bot.name)).resolves.toMatchObject({ state: 'running' });
    await plane.apiServer.start();
    await endByMemory(bot);
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({
      cause: 'out_of_memory',
    });
  });
});
