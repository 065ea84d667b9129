import {
  makeInformer,
  type Informer,
  type KubernetesListObject,
  type KubernetesObject,
  type ObjectCache,
  type V1Job,
  type V1Pod,
} from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { MEETING_LABEL } from './bot-job';
import type { Cluster } from './cluster';

/** Jobs and pods of all bots, kept up to date by two watches whatever number of bots there is. */
export interface BotCache {
  /** Resolves once all has been seen, or with false when that takes too long. */
  whenSynced(timeoutMs: number): Promise<boolean>;
  /** Whether what it knows is of now: both watches stand. */
  isFresh(): boolean;
  find(name: string): { job: V1Job | undefined; pod: V1Pod | undefined };
  listNames(): string[];
  /** Calls back on every change until the returned function is called. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** The server ends a watch after this; the next goes on where it stopped. */
const WATCH_SECONDS = 240;
/** A watch that was not begun anew by then hangs on a dead connection. */
const STALE_AFTER_MS = (WATCH_SECONDS + 30) * 1_000;
const CHECK_INTERVAL_MS = 30_000;
const RECONNECT_DELAY_MS = 1_000;

interface OpenWatch<Item extends KubernetesObject> {
  cache: Informer<Item> & ObjectCache<Item>;
  isFresh(): boolean;
  close(): Promise<void>;
}

/** Watches the bots of a namespace from now on. */
export function watchBots(
  { config, batch, core }: Cluster,
  { namespace, logger }: { namespace: string; logger: Logger },
): BotCache {
  const listeners = new Set<() => void>();
  const change = (): void => listeners.forEach((listener) => listener());
  const selector = { namespace, labelSelector: MEETING_LABEL };
  const open = <Item extends KubernetesObject>(
    path: string,
    list: () => Promise<KubernetesListObject<Item>>,
  ): OpenWatch<Item> => {
    const full = `${path}?timeoutSeconds=${WATCH_SECONDS}&allowWatchBookmarks=true`;
    return keepWatch(makeInformer(config, full, list, MEETING_LABEL), { change, logger });
  };
  const jobs = open<V1Job>(`/apis/batch/v1/namespaces/${namespace}/jobs`, () =>
    batch.listNamespacedJob(selector),
  );
  const pods = open<V1Pod>(`/api/v1/namespaces/${namespace}/pods`, () =>
    core.listNamespacedPod(selector),
  );
  const podsByJob = indexPods(pods.cache);
  const cache: BotCache = {
    isFresh: () => jobs.isFresh() && pods.isFresh(),
    whenSynced: (timeoutMs) => waitFor(cache, () => cache.isFresh(), timeoutMs),
    find(name) {
      const job = jobs.cache.get(name, namespace);
      return { job, pod: podsByJob.get(job?.metadata?.uid ?? '') };
    },
    listNames: () => jobs.cache.list(namespace).flatMap(({ metadata }) => metadata?.name ?? []),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await Promise.all([jobs.close(), pods.close()]);
    },
  };
  return cache;
}

/** By the Job's uid: a pod of an erased Job may still carry the name of its successor. */
function indexPods(informer: Informer<V1Pod>): ReadonlyMap<string, V1Pod> {
  const byJob = new Map<string, V1Pod>();
  const keep = (pod: V1Pod): unknown => byJob.set(findOwner(pod), pod);
  informer.on('add', keep);
  informer.on('update', keep);
  informer.on('delete', (pod) => {
    if (byJob.get(findOwner(pod))?.metadata?.uid === pod.metadata?.uid) {
      byJob.delete(findOwner(pod));
    }
  });
  return byJob;
}

/** The uid of the Job that a pod belongs to. */
export function findOwner(pod: V1Pod): string {
  return pod.metadata?.ownerReferences?.find(({ kind }) => kind === 'Job')?.uid ?? '';
}

/** Resolves with true once it is, with false when it is not within the time. */
export function waitFor(
  cache: Pick<BotCache, 'onChange'>,
  isTrue: () => boolean,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (value: boolean): void => {
      stopListening();
      clearTimeout(timer);
      resolve(value);
    };
    const stopListening = cache.onChange(() => {
      if (isTrue()) settle(true);
    });
    const timer = setTimeout(() => settle(isTrue()), timeoutMs);
    if (isTrue()) settle(true);
  });
}

/** Begins a watch anew whenever it ends: where it stopped, or from a new list after 410 Gone. */
function keepWatch<Item extends KubernetesObject>(
  informer: Informer<Item> & ObjectCache<Item>,
  { change, logger }: { change: () => void; logger: Logger },
): OpenWatch<Item> {
  let isConnected = false;
  let isClosed = false;
  let begunAtMs = performance.now();
  let retry: NodeJS.Timeout | undefined;
  const begin = (): void => {
    begunAtMs = performance.now();
    let hasFailed = false;
    const noteFailure = (): void => {
      hasFailed = true;
    };
    informer.on('error', noteFailure);
    // resolves when the watch stands; failures come as error events before that
    void informer.start().then(() => {
      informer.off('error', noteFailure);
      isConnected = !hasFailed;
      change();
    });
  };
  const beginSoon = (): void => {
    isConnected = false;
    clearTimeout(retry);
    if (!isClosed) retry = setTimeout(begin, RECONNECT_DELAY_MS);
  };
  informer.on('change', change);
  informer.on('connect', () => (begunAtMs = performance.now()));
  informer.on('error', (error: unknown) => {
    if (!isClosed) logger.warn({ err: error }, 'the watch of bots broke off and is begun anew');
    beginSoon();
  });
  const check = setInterval(() => {
    if (performance.now() - begunAtMs < STALE_AFTER_MS) return;
    begunAtMs = performance.now();
    logger.warn('the watch of bots hangs and is begun anew');
    void informer.stop().then(beginSoon);
  }, CHECK_INTERVAL_MS);
  check.unref();
  begin();
  return {
    cache: informer,
    isFresh: () => isConnected,
    async close() {
      isClosed = true;
      clearInterval(check);
      clearTimeout(retry);
      await informer.stop();
    },
  };
}
