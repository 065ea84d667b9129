import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { evidenceNameSchema } from '../../../domain/bot-api';
import type { EndReason } from '../../../domain/end-reasons';
import { RefusedError, type ApiClient } from '../api/api-client';
import { terminalStateFor } from '../ending';
import { writeDurably } from '../spool/spool';
import type { Piece } from './collect-evidence';

/** What goes wrong inside a meeting and can be seen on its page. */
const SEEN_INSIDE: ReadonlySet<EndReason> = new Set(['page_frozen', 'capture_failed', 'unknown']);
/** Failures that say nothing about the page. */
const UNRELATED: ReadonlySet<EndReason> = new Set(['evicted', 'superseded']);

/** Whether somebody will ask what the page looked like. */
export function isEvidenceWanted(reason: EndReason, hasBeenIn: boolean): boolean {
  if (hasBeenIn) return SEEN_INSIDE.has(reason);
  return terminalStateFor(reason) === 'failed' && !UNRELATED.has(reason);
}

interface EvidenceOptions {
  api: Pick<ApiClient, 'putEvidence'>;
  spoolDir: string;
  logger: Logger;
  /** Ends the trying; what was not sent by then stays on the disk. */
  signal?: AbortSignal;
}

const folderOf = (spoolDir: string) => join(spoolDir, 'evidence');

/** Lays the pieces on the disk; never rejects, for a full disk is no reason not to send them. */
export async function keepEvidence(
  pieces: readonly Piece[],
  { spoolDir, logger }: Pick<EvidenceOptions, 'spoolDir' | 'logger'>,
): Promise<void> {
  try {
    await mkdir(folderOf(spoolDir), { recursive: true });
    for (const { name, content } of pieces)
      await writeDurably(join(folderOf(spoolDir), name), content);
  } catch (error) {
    logger.warn({ error }, 'evidence cannot be kept on disk');
  }
}

/** Sends each piece for as long as the API cannot take it. True when none is left; never rejects. */
export async function sendEvidence(
  pieces: readonly Piece[],
  options: EvidenceOptions,
): Promise<boolean> {
  const outcomes = await Promise.all(pieces.map((piece) => send(piece, options)));
  return outcomes.every(Boolean);
}

/** Sends the evidence that a dead bot left. True when none is left. */
export async function deliverEvidence(options: EvidenceOptions): Promise<boolean> {
  const folder = folderOf(options.spoolDir);
  const files = await readdir(folder).catch(() => []);
  const names = files.flatMap((file) => evidenceNameSchema.safeParse(file).data ?? []);
  const pieces = names.map(async (name) => ({ name, content: await readFile(join(folder, name)) }));
  return sendEvidence(await Promise.all(pieces), options);
}

async function send({ name, content }: Piece, options: EvidenceOptions): Promise<boolean> {
  const { api, spoolDir, logger, signal } = options;
  try {
    await api.putEvidence(name, content, signal);
  } catch (error) {
    const cause = error instanceof Error ? error.name : 'unknown';
    logger.warn({ name, cause }, 'evidence not sent');
    if (!(error instanceof RefusedError)) return false;
  }
  await rm(join(folderOf(spoolDir), name), { force: true }).catch(() => undefined);
  return true;
}
