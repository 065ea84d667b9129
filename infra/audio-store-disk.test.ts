import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describeAudioStore } from '../test/audio-store-contract';
import { createDiskAudioStore } from './audio-store-disk';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'audio-store-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeAudioStore('the audio store on disk', () => createDiskAudioStore(folder));

describe('the audio store on disk, on its own', () => {
  test('removes what a process that died left behind, and leaves a write in progress alone', async () => {
    const old = path.join(folder, '.tmp', 'left-behind');
    const fresh = path.join(folder, '.tmp', 'in-progress');
    await createDiskAudioStore(folder).check();
    await Promise.all([old, fresh].map((file) => writeFile(file, 'x')));
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(old, yesterday, yesterday);
    await createDiskAudioStore(folder).check();
    expect(await readdir(path.join(folder, '.tmp'))).toEqual(['in-progress']);
    await rm(fresh);
  });

  test('leaves no temporary file when a put fails', async () => {
    const store = createDiskAudioStore(folder);
    await store.put('taken', Buffer.from('a file where a folder is needed'));
    await expect(store.put('taken/1.wav', Buffer.from('x'))).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(await readdir(path.join(folder, '.tmp'))).toEqual([]);
  });

  test('goes on after its folder was emptied under it', async () => {
    const emptied = path.join(folder, 'emptied');
    const store = createDiskAudioStore(emptied);
    await store.put('a/1.wav', Buffer.from('x'));
    await rm(emptied, { recursive: true });
    await store.put('a/1.wav', Buffer.from('y'));
    expect(Buffer.from(await store.get('a/1.wav')).toString()).toBe('y');
  });

  test('says that it cannot be written to when its folder is none', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, 'x');
    await expect(createDiskAudioStore(file).check()).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
