import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { soundSpansSchema } from '../../../domain/bot-api';
import { encodeWav } from '../../../domain/wav';
import { Journal, recoverPieces, type OpenPiece } from './journal';

const metadataSchema = z.object({
  track: z.string(),
  seq: z.int().min(1),
  /** Server time. */
  startAtMs: z.number(),
  endAtMs: z.number(),
  participant: z.string().nullable(),
  /** Of mixed sound: which source spoke when, in milliseconds from the chunk's start. */
  spans: soundSpansSchema.optional(),
  sha256: z.string(),
});
export type SpooledMetadata = z.infer<typeof metadataSchema>;

const stateSchema = z.object({
  reportSeq: z.int().min(0).default(0),
  commandSeq: z.int().min(0).default(0),
  hasReportedEnd: z.boolean().default(false),
  /** The meeting's clock, once known: what is left behind can be placed on it by others. */
  clockOriginMs: z.number().nullable().default(null),
  hasSentEntryMessage: z.boolean().default(false),
  /** A command that was begun, and whose end the API has not been told. */
  commandBegun: z.int().min(1).nullable().default(null),
  /** The highest seq that the API has, by track. */
  acknowledgedSeqs: z.record(z.string(), z.int().min(0)).default({}),
});
export type SpoolState = z.infer<typeof stateSchema>;

export interface SpoolEntry {
  file: string;
  track: string;
  seq: number;
}

const FILE_NAME = /^([A-Za-z0-9_-]+)\.(\d{8})\.chunk$/;
const NEWLINE = 0x0a;

/**
 * Chunks on disk until they are acknowledged. One file holds a line of JSON and then the WAV, so
 * that one rename makes a chunk exist, whole or not at all.
 */
export class Spool {
  state: SpoolState = stateSchema.parse({});
  private writes: Promise<unknown> = Promise.resolve();

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Spool> {
    const spool = new Spool(folder);
    await mkdir(spool.path('chunks'), { recursive: true });
    await mkdir(spool.path('refused'), { recursive: true });
    for (const name of await readdir(spool.path('chunks'))) {
      if (name.endsWith('.tmp')) await rm(spool.path('chunks', name));
    }
    spool.state = await spool.readState();
    await recoverPieces(spool.path('journal'), (piece) => spool.addRecovered(piece));
    return spool;
  }

  /** Where pieces of speech are kept safe while they last; the next `open` makes chunks of them. */
  createJournal(onError: (error: unknown) => void): Journal {
    return new Journal(this.path('journal'), onError);
  }

  /** Chunks that wait, in order of their tracks and numbers. */
  async list(): Promise<SpoolEntry[]> {
    const names = (await readdir(this.path('chunks'))).sort();
    return names.flatMap((file) => {
      const match = FILE_NAME.exec(file);
      return match ? [{ file, track: String(match[1]), seq: Number(match[2]) }] : [];
    });
  }

  async add(metadata: Omit<SpooledMetadata, 'sha256'>, wav: Uint8Array): Promise<SpoolEntry> {
    const { track, seq } = metadata;
    const file = `${track}.${String(seq).padStart(8, '0')}.chunk`;
    const line = JSON.stringify({ ...metadata, sha256: hash(wav) });
    await writeDurably(this.path('chunks', file), Buffer.concat([Buffer.from(`${line}\n`), wav]));
    await syncFolder(this.path('chunks'));
    return { file, track, seq };
  }

  /** Null when the file is not what was written. */
  async read(entry: SpoolEntry): Promise<{ metadata: SpooledMetadata; wav: Buffer } | null> {
    const content = await readFile(this.path('chunks', entry.file));
    const lineEnd = content.indexOf(NEWLINE);
    try {
      const metadata = metadataSchema.parse(JSON.parse(content.toString('utf8', 0, lineEnd)));
      const wav = content.subarray(lineEnd + 1);
      return hash(wav) === metadata.sha256 ? { metadata, wav } : null;
    } catch {
      return null;
    }
  }

  remove(entry: SpoolEntry): Promise<void> {
    return rm(this.path('chunks', entry.file), { force: true });
  }

  /** Keeps a chunk that was refused for good, for whoever looks into it. */
  setAside(entry: SpoolEntry): Promise<void> {
    return rename(this.path('chunks', entry.file), this.path('refused', entry.file));
  }

  /** Remembers across restarts of the process. */
  updateState(change: Partial<SpoolState>): Promise<void> {
    this.state = { ...this.state, ...change };
    const write = this.writes.then(() =>
      writeDurably(this.path('state.json'), Buffer.from(JSON.stringify(this.state))),
    );
    this.writes = write.catch(() => undefined);
    return write;
  }

  /** The whole chunk may have got to the disk, or even to the API, before its process died. */
  private async addRecovered({ samples, ...metadata }: OpenPiece): Promise<void> {
    const { track, seq } = metadata;
    if (seq <= (this.state.acknowledgedSeqs[track] ?? 0)) return;
    const entries = await this.list();
    if (entries.some((entry) => entry.track === track && entry.seq === seq)) return;
    await this.add(metadata, encodeWav(samples));
  }

  private async readState(): Promise<SpoolState> {
    try {
      return stateSchema.parse(JSON.parse(await readFile(this.path('state.json'), 'utf8')));
    } catch (error) {
      if (isMissingFile(error)) return this.state;
      throw error;
    }
  }

  private path(...names: string[]): string {
    return join(this.folder, ...names);
  }
}

/** Writes a file whole or not at all; its folder is still to be synced. */
export async function writeDurably(path: string, content: Buffer): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Makes what was renamed in the folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissingFile(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

function hash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
