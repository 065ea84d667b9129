import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder, writeDurably } from '../spool/spool';

const metadataSchema = z.object({
  seq: z.int().min(1),
  /** Server time. */
  startAtMs: z.number(),
  endAtMs: z.number(),
  sha256: z.string(),
});
export type PartMetadata = z.infer<typeof metadataSchema>;

const FILE_NAME = /^(\d{8})\.part$/;
const NEWLINE = 0x0a;

/** Parts of the recording on disk until they are acknowledged: a line of JSON, then the bytes. */
export class PartSpool {
  private constructor(
    private readonly folder: string,
    private lastSeq: number,
  ) {}

  /** The parts in the bot's spool folder, also those an earlier process left there. */
  static async open(spoolFolder: string): Promise<PartSpool> {
    const folder = join(spoolFolder, 'recording');
    await mkdir(folder, { recursive: true });
    const spool = new PartSpool(folder, 0);
    // A number is never used again, also when its part is gone because it was acknowledged.
    const counted = Number(await readFile(spool.counter, 'utf8').catch(() => '0'));
    spool.lastSeq = Math.max(counted, ...(await spool.list()));
    return spool;
  }

  /** Numbers of the parts that wait, in order. */
  async list(): Promise<number[]> {
    const names = await readdir(this.folder);
    return names
      .flatMap((name) => Number(FILE_NAME.exec(name)?.[1] ?? NaN) || [])
      .sort((a, b) => a - b);
  }

  async add(bytes: Buffer, span: { startAtMs: number; endAtMs: number }): Promise<number> {
    this.lastSeq += 1;
    const metadata: PartMetadata = { seq: this.lastSeq, ...span, sha256: hash(bytes) };
    await writeDurably(this.counter, Buffer.from(String(metadata.seq)));
    const line = Buffer.from(`${JSON.stringify(metadata)}\n`);
    await writeDurably(this.path(metadata.seq), Buffer.concat([line, bytes]));
    await syncFolder(this.folder);
    return metadata.seq;
  }

  /** Null when the file is not what was written. */
  async read(seq: number): Promise<{ metadata: PartMetadata; bytes: Buffer } | null> {
    const content = await readFile(this.path(seq));
    const lineEnd = content.indexOf(NEWLINE);
    try {
      const metadata = metadataSchema.parse(JSON.parse(content.toString('utf8', 0, lineEnd)));
      const bytes = content.subarray(lineEnd + 1);
      return hash(bytes) === metadata.sha256 ? { metadata, bytes } : null;
    } catch {
      return null;
    }
  }

  remove(seq: number): Promise<void> {
    return rm(this.path(seq), { force: true });
  }

  private get counter(): string {
    return join(this.folder, 'last-seq');
  }

  private path(seq: number): string {
    return join(this.folder, `${String(seq).padStart(8, '0')}.part`);
  }
}

function hash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
