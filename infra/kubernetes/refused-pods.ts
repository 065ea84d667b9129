import type { V1Job } from '@kubernetes/client-node';
import type { LauncherCause } from '../bot-launcher';
import { readRefusal, type Cluster } from './cluster';

/** Why a Job has no pod. */
interface Refusal {
  cause: LauncherCause;
  detail: string;
}

/** A Job usually has its pod within a moment. */
const USUAL_MS = 3_000;
/** Many bots may wait for the same quota at once. */
const ASK_AGAIN_MS = 10_000;

/**
 * Reads why the cluster makes no pod for a Job: quotas and admission refuse the pod, not the Job, and
 * only an Event says so. Resolves with null where nothing is known.
 */
export function makeRefusalReader(
  { core }: Pick<Cluster, 'core'>,
  namespace: string,
): (job: V1Job | undefined) => Promise<Refusal | null> {
  const asked = new Map<string, { atMs: number; answer: Promise<Refusal | null> }>();

  async function ask(uid: string): Promise<Refusal | null> {
    const fieldSelector = `involvedObject.uid=${uid},reason=FailedCreate`;
    const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
    const last = items.at(-1)?.message;
    return last === undefined ? null : explain(last);
  }

  return (job) => {
    const { uid, creationTimestamp } = job?.metadata ?? {};
    const nowMs = Date.now();
    if (uid === undefined || creationTimestamp === undefined) return Promise.resolve(null);
    if (nowMs - new Date(creationTimestamp).getTime() < USUAL_MS) return Promise.resolve(null);
    for (const [each, { atMs }] of asked) if (nowMs - atMs > ASK_AGAIN_MS) asked.delete(each);
    const known = asked.get(uid)?.answer ?? ask(uid).catch(ignoreSilence);
    if (!asked.has(uid)) asked.set(uid, { atMs: nowMs, answer: known });
    return known;
  };
}

function explain(message: string): Refusal {
  const isQuota = message.includes('exceeded quota');
  return {
    cause: isQuota ? 'quota_exceeded' : 'launch_failed',
    detail: message.replace(/^Error creating: /, ''),
  };
}

/** Without the right to read Events, or without an answer, the bot waits as it did: unexplained. */
function ignoreSilence(error: unknown): null {
  const code = readRefusal(error);
  if (code === null || code === 403 || code >= 500) return null;
  throw error;
}
