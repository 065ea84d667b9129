import type { Logger } from 'pino';
import type { EndReason } from '../../../domain/end-reasons';
import type { ApiClient } from '../api/api-client';
import { terminalStateFor } from '../ending';
import type { Piece } from './collect-evidence';

const SEND_TIMEOUT_MS = 10_000;

/** What goes wrong inside a meeting and can be seen on its page. */
const SEEN_INSIDE: ReadonlySet<EndReason> = new Set(['page_frozen', 'capture_failed', 'unknown']);
/** Failures that say nothing about the page. */
const UNRELATED: ReadonlySet<EndReason> = new Set(['evicted', 'superseded']);

/** Whether somebody will ask what the page looked like. */
export function isEvidenceWanted(reason: EndReason, hasBeenIn: boolean): boolean {
  if (hasBeenIn) return SEEN_INSIDE.has(reason);
  return terminalStateFor(reason) === 'failed' && !UNRELATED.has(reason);
}

/** Sends what it can within seconds; never rejects, for nothing depends on it. */
export async function sendEvidence(
  pieces: readonly Piece[],
  { api, logger }: { api: Pick<ApiClient, 'putEvidence'>; logger: Logger },
): Promise<void> {
  const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
  await Promise.all(
    pieces.map(({ name, content }) =>
      api.putEvidence(name, content, signal).catch((error: unknown) => {
        const cause = error instanceof Error ? error.name : 'unknown';
        logger.warn({ name, cause }, 'evidence not sent');
      }),
    ),
  );
}
