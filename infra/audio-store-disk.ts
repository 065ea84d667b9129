import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AudioNotFoundError, requireAudioKey, requireAudioPrefix } from './audio-store';
import type { AudioStore } from './audio-store';

const TEMPORARY_FOLDER = '.tmp';
/** No write lasts this long, so an older temporary file was left by a process that died. */
const LEFTOVER_AGE_MS = 3_600_000;
/** Bounds the memory of folders known to be durable; forgetting one costs an fsync. */
const MAX_KNOWN_FOLDERS = 10_000;

/**
 * Keeps audio in a folder of one machine. `put` writes to a temporary name, syncs file and folder
 * and renames, so an object is there whole or not at all, also after a power cut.
 */
export function createDiskAudioStore(directory: string): AudioStore {
  return new DiskAudioStore(path.resolve(directory));
}

class DiskAudioStore implements AudioStore {
  private readonly temporary: string;
  private readonly durableFolders = new Set<string>();
  private prepared: Promise<void> | undefined;

  constructor(private readonly root: string) {
    this.temporary = path.join(root, TEMPORARY_FOLDER);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const target = this.locate(requireAudioKey(key));
    await this.write(target, bytes).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      // Folders known to be there were deleted since: make them anew, once.
      this.prepared = undefined;
      this.durableFolders.clear();
      await this.write(target, bytes);
    });
  }

  async get(key: string): Promise<Uint8Array> {
    try {
      return await readFile(this.locate(requireAudioKey(key)));
    } catch (error) {
      if (isMissing(error)) throw new AudioNotFoundError(`Expected audio under ${key}, got none`);
      throw error;
    }
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    const handle = await open(this.locate(requireAudioKey(key)), 'r').catch(ignoreMissing);
    if (!handle) throw new AudioNotFoundError(`Expected audio under ${key}, got none`);
    try {
      const bytes = Buffer.alloc(end - start + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async delete(key: string): Promise<void> {
    const target = this.locate(requireAudioKey(key));
    await rm(target, { force: true });
    await syncFolder(path.dirname(target)).catch(ignoreMissing);
  }

  async deletePrefix(prefix: string): Promise<number> {
    const folder = this.locate(requireAudioPrefix(prefix));
    let count = 0;
    for await (const file of walk(folder)) if (file) count += 1;
    await rm(folder, { recursive: true, force: true });
    await syncFolder(path.dirname(folder)).catch(ignoreMissing);
    return count;
  }

  async *list(prefix: string, olderThan: Date): AsyncGenerator<string> {
    for await (const file of walk(this.locate(requireAudioPrefix(prefix)))) {
      const facts = await stat(file).catch(ignoreMissing);
      if (facts && facts.mtime < olderThan) {
        yield path.relative(this.root, file).split(path.sep).join('/');
      }
    }
  }

  async check(): Promise<void> {
    const probe = path.join(this.temporary, `check-${randomUUID()}`);
    await this.write(probe, new Uint8Array(1));
    await rm(probe);
  }

  private locate(key: string): string {
    return path.join(this.root, key);
  }

  private async write(target: string, bytes: Uint8Array): Promise<void> {
    await this.prepare();
    const source = path.join(this.temporary, randomUUID());
    try {
      await writeFile(source, bytes, { flag: 'wx', flush: true });
      await this.makeFolder(path.dirname(target));
      await rename(source, target);
      await syncFolder(path.dirname(target));
    } finally {
      await rm(source, { force: true });
    }
  }

  private async prepare(): Promise<void> {
    this.prepared ??= makeDurableFolder(this.temporary, this.root).then(() =>
      removeLeftovers(this.temporary),
    );
    try {
      await this.prepared;
    } catch (error) {
      this.prepared = undefined;
      throw error;
    }
  }

  private async makeFolder(folder: string): Promise<void> {
    if (this.durableFolders.has(folder)) return;
    await makeDurableFolder(folder, this.root);
    if (this.durableFolders.size >= MAX_KNOWN_FOLDERS) this.durableFolders.clear();
    this.durableFolders.add(folder);
  }
}

/** Makes the folder and syncs it and every folder above it up to `root`, which is made as well. */
async function makeDurableFolder(folder: string, root: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = folder; ; at = path.dirname(at)) {
    await syncFolder(at);
    if (at === root) return;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeLeftovers(temporary: string): Promise<void> {
  const before = new Date(Date.now() - LEFTOVER_AGE_MS);
  for await (const file of walk(temporary)) {
    const facts = await stat(file).catch(ignoreMissing);
    if (facts && facts.mtime < before) await rm(file, { force: true });
  }
}

/** Every file below `folder`; folders that vanish meanwhile are skipped. */
async function* walk(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(ignoreMissing);
  if (!entries) return;
  for await (const entry of entries) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(name);
    else yield name;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
