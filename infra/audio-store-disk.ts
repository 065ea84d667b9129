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
  const root = path.resolve(directory);
  const temporary = path.join(root, TEMPORARY_FOLDER);
  const durableFolders = new Set<string>();
  let prepared: Promise<void> | undefined;

  const prepare = async (): Promise<void> => {
    prepared ??= makeDurableFolder(temporary, root).then(() => removeLeftovers(temporary));
    try {
      await prepared;
    } catch (error) {
      prepared = undefined;
      throw error;
    }
  };
  const makeFolder = async (folder: string): Promise<void> => {
    if (durableFolders.has(folder)) return;
    await makeDurableFolder(folder, root);
    if (durableFolders.size >= MAX_KNOWN_FOLDERS) durableFolders.clear();
    durableFolders.add(folder);
  };
  const write = async (target: string, bytes: Uint8Array): Promise<void> => {
    await prepare();
    const source = path.join(temporary, randomUUID());
    try {
      await writeFile(source, bytes, { flag: 'wx', flush: true });
      await makeFolder(path.dirname(target));
      await rename(source, target);
      await syncFolder(path.dirname(target));
    } finally {
      await rm(source, { force: true });
    }
  };

  return {
    async put(key, bytes) {
      const target = path.join(root, requireAudioKey(key));
      await write(target, bytes).catch(async (error: unknown) => {
        if (!isMissing(error)) throw error;
        // Folders known to be there were deleted since: make them anew, once.
        prepared = undefined;
        durableFolders.clear();
        await write(target, bytes);
      });
    },
    async get(key) {
      try {
        return await readFile(path.join(root, requireAudioKey(key)));
      } catch (error) {
        if (isMissing(error)) throw new AudioNotFoundError(`Expected audio under ${key}, got none`);
        throw error;
      }
    },
    async delete(key) {
      const target = path.join(root, requireAudioKey(key));
      await rm(target, { force: true });
      await syncFolder(path.dirname(target)).catch(ignoreMissing);
    },
    async deletePrefix(prefix) {
      const folder = path.join(root, requireAudioPrefix(prefix));
      let count = 0;
      for await (const file of walk(folder)) if (file) count += 1;
      await rm(folder, { recursive: true, force: true });
      await syncFolder(path.dirname(folder)).catch(ignoreMissing);
      return count;
    },
    async *list(prefix, olderThan) {
      for await (const file of walk(path.join(root, requireAudioPrefix(prefix)))) {
        const facts = await stat(file).catch(ignoreMissing);
        if (facts && facts.mtime < olderThan) {
          yield path.relative(root, file).split(path.sep).join('/');
        }
      }
    },
    async check() {
      const probe = path.join(temporary, `check-${randomUUID()}`);
      await write(probe, new Uint8Array(1));
      await rm(probe);
    },
  };
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
