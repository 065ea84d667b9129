import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import {
  BotNotLaunchableError,
  type BotLaunch,
  type BotLauncher,
  type BotSighting,
} from '../bot-launcher';
import {
  ANSWER_SECONDS,
  GRACE_SECONDS,
  LAUNCH_LABEL,
  makeBotJob,
  makeTokenSecret,
  MEETING_LABEL,
} from './bot-job';
import { findOwner, waitFor, watchBots, type BotCache } from './bot-watch';
import { describeRefusal, readRefusal, type Cluster } from './cluster';
import { isPodOver, readSighting } from './read-sighting';
import { makeRefusalReader } from './refused-pods';
import type { BotJobOptions } from './settings';

/** The first look may have to list thousands of bots. */
const SYNC_TIMEOUT_MS = 5_000;
/** After SIGKILL, until the kubelet has said so. */
const KILL_TIMEOUT_MS = 5_000;
const ERASE_TIMEOUT_MS = 10_000;
/** The kubelet's own grace for what must go now. */
const NOW_SECONDS = 1;

interface Seen {
  job: V1Job | undefined;
  pod: V1Pod | undefined;
}

interface Context {
  cluster: Cluster;
  options: BotJobOptions & { logger: Logger };
  cache: BotCache;
}

/**
 * Runs each bot as a Job of its own. All bots are seen through two watches; while those are down the
 * cluster is asked directly, and while it does not answer either, what was seen last counts.
 */
export function createKubernetesBotLauncher(
  cluster: Cluster,
  options: BotJobOptions & { logger: Logger },
): BotLauncher & { close(): Promise<void> } {
  const cache = watchBots(cluster, options);
  const context: Context = { cluster, options, cache };
  const readPodRefusal = makeRefusalReader(cluster, options.namespace);
  return {
    launch: (launch) => launchBot(context, launch),

    async inspect(name) {
      const { job, pod } = await look(context, name);
      const sighting = readSighting(job, pod);
      if (sighting.state !== 'pending' || pod !== undefined) return sighting;
      return { ...sighting, ...(await readPodRefusal(job)) };
    },

    stop: (name, graceMs) => stopBot(context, { name, graceMs }),

    async deliver({ name, launchId }) {
      const { job, pod } = await look(context, name);
      const sighting = readSighting(job, pod);
      if (!('launchId' in sighting) || sighting.launchId !== launchId || isPodOver(pod)) return;
      if (sighting.state !== 'ended' && !pod?.metadata?.deletionTimestamp) return;
      const isOver = (): boolean => isPodOver(cache.find(name).pod);
      if (await waitFor(cache, isOver, GRACE_SECONDS * 1_000)) return;
      throw new Error(`Expected the spool of ${name} to be sent by its sidecar, it still runs`);
    },

    async list() {
      if (await isCacheUsable(cache)) return cache.listNames();
      const { namespace } = options;
      const jobs = await cluster.batch.listNamespacedJob({
        namespace,
        labelSelector: MEETING_LABEL,
      });
      return jobs.items.flatMap(({ metadata }) => metadata?.name ?? []);
    },

    async forget(name) {
      const { job, pod } = await lookAtCluster(context, name);
      if (readSighting(job, pod).state !== 'ended' || !isPodOver(pod)) return;
      await deleteJob(context, job);
      await untilJobGone(context, job);
    },

    erase: (name) => eraseBot(context, name),
    close: () => cache.close(),
  };
}

function isCacheUsable(cache: BotCache): Promise<boolean> {
  return cache.isFresh() ? Promise.resolve(true) : cache.whenSynced(SYNC_TIMEOUT_MS);
}

async function look({ cluster, options, cache }: Context, name: string): Promise<Seen> {
  const known = cache.find(name);
  // what another process has just made may be on its way: only the cluster itself says "absent"
  if (cache.isFresh() && known.job !== undefined) return known;
  try {
    return await lookAtCluster({ cluster, options }, name);
  } catch (error) {
    if (known.job === undefined || readRefusal(error) !== null) throw error;
    return known;
  }
}

async function lookAtCluster(
  { cluster, options: { namespace } }: Pick<Context, 'cluster' | 'options'>,
  name: string,
): Promise<Seen> {
  const job = await unlessGone(cluster.batch.readNamespacedJob({ namespace, name }));
  if (job === undefined) return { job, pod: undefined };
  const pods = await cluster.core.listNamespacedPod({
    namespace,
    labelSelector: `batch.kubernetes.io/job-name=${name}`,
  });
  return { job, pod: pods.items.find((pod) => findOwner(pod) === job.metadata?.uid) };
}

async function launchBot(context: Context, launch: BotLaunch): Promise<void> {
  const { cluster, options } = context;
  try {
    const job = await ensureJob(context, launch);
    const { namespace } = options;
    const body = makeTokenSecret(launch, job);
    // of this launch already: its token is still good
    await unlessThere(cluster.core.createNamespacedSecret({ namespace, body }));
  } catch (error) {
    throw explainRefusal(error);
  }
}

/** "Already exists" is success only when it is the same launch. */
async function ensureJob(context: Context, launch: BotLaunch): Promise<V1Job> {
  const { cluster, options } = context;
  const { namespace } = options;
  const body = makeBotJob(launch, options);
  const created = await unlessThere(cluster.batch.createNamespacedJob({ namespace, body }));
  if (created !== undefined) return created;
  const { name } = launch;
  const there = await unlessGone(cluster.batch.readNamespacedJob({ namespace, name }));
  const isSame = there?.metadata?.labels?.[LAUNCH_LABEL] === launch.launchId;
  if (there !== undefined && isSame && !there.metadata?.deletionTimestamp) return there;
  await eraseBot(context, name);
  return cluster.batch.createNamespacedJob({ namespace, body });
}

/** What no repetition mends is said in a way that an operator can act on. */
function explainRefusal(error: unknown): unknown {
  const code = readRefusal(error);
  const message = describeRefusal(error);
  const isForGood =
    code === 400 ||
    code === 404 ||
    code === 422 ||
    (code === 403 && !message.includes('exceeded quota'));
  if (isForGood) return new BotNotLaunchableError(`The cluster refuses the bot: ${message}`);
  return code === null ? error : new Error(`Expected the bot's Job to be made, got: ${message}`);
}

/**
 * The pod ends in the order and the time that its spec says: a bot that does not hear is killed by its
 * sidecar, which then sends what it left. A shorter grace would be taken from the sidecar, so a bot
 * that has heard may outlast `graceMs` on its way out. Its Job stays, to be looked at.
 */
async function stopBot(
  context: Context,
  { name, graceMs }: { name: string; graceMs: number },
): Promise<void> {
  const { cache, options } = context;
  const { job, pod } = await lookAtCluster(context, name);
  const sighting = readSighting(job, pod);
  if (sighting.state === 'absent' || sighting.state === 'ended') return;
  const isGone = (): boolean => isOver(readSighting(cache.find(name).job, cache.find(name).pod));
  if (sighting.state === 'pending') {
    // nothing runs in it yet: without its Job nothing will
    await deleteJob(context, job);
    await deletePod(context, pod, NOW_SECONDS);
    await waitFor(cache, isGone, KILL_TIMEOUT_MS);
    return;
  }
  await deletePod(context, pod, GRACE_SECONDS);
  const untilKilledMs = ANSWER_SECONDS * 1_000 + KILL_TIMEOUT_MS;
  if (await waitFor(cache, isGone, Math.max(graceMs, untilKilledMs))) return;
  options.logger.warn({ name }, 'a bot that was asked to go is still there; its fence holds');
}

function isOver({ state }: BotSighting): boolean {
  return state === 'absent' || state === 'ended';
}

/** Does not wait for a machine that does not answer: without its Job the pod is nobody's. */
async function eraseBot(context: Context, name: string): Promise<void> {
  const { job, pod } = await lookAtCluster(context, name);
  await deleteJob(context, job);
  await deletePod(context, pod, NOW_SECONDS);
  await untilJobGone(context, job);
}

/** Until then the watch would still show it. */
async function untilJobGone({ cache }: Context, job: V1Job | undefined): Promise<void> {
  const { name = '', uid } = job?.metadata ?? {};
  if (uid === undefined) return;
  const isGone = (): boolean => cache.find(name).job?.metadata?.uid !== uid;
  await waitFor(cache, isGone, ERASE_TIMEOUT_MS);
}

async function deleteJob({ cluster, options }: Context, job: V1Job | undefined): Promise<void> {
  if (job?.metadata?.name === undefined) return;
  await unlessGone(
    cluster.batch.deleteNamespacedJob({
      namespace: options.namespace,
      name: job.metadata.name,
      body: { propagationPolicy: 'Background', preconditions: { uid: job.metadata.uid } },
    }),
  );
}

async function deletePod(
  { cluster, options }: Context,
  pod: V1Pod | undefined,
  gracePeriodSeconds: number,
): Promise<void> {
  if (pod?.metadata?.name === undefined) return;
  await unlessGone(
    cluster.core.deleteNamespacedPod({
      namespace: options.namespace,
      name: pod.metadata.name,
      body: { gracePeriodSeconds, preconditions: { uid: pod.metadata.uid } },
    }),
  );
}

/** Undefined for what is not there, or is another one by now. */
function unlessGone<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return asked.catch((error: unknown) => ignoreRefusal(error, [404, 409]));
}

/** Undefined when one of that name is there already. */
function unlessThere<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return asked.catch((error: unknown) => ignoreRefusal(error, [409]));
}

function ignoreRefusal(error: unknown, ignored: readonly number[]): undefined {
  if (ignored.includes(readRefusal(error) ?? 0)) return undefined;
  throw error;
}
