import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Spool } from './spool';

const WRITER = join(__dirname, '../../test/spool-writer.ts');
const wav = Buffer.from('RIFF and sound');

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'spool-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

function makeMetadata(track: string, seq: number) {
  return { track, seq, startAtMs: seq * 1000, endAtMs: seq * 1000 + 900, participant: 'maya' };
}

/** Runs a process that writes chunks and kills it after it has written `chunks` of them. */
async function writeUntilKilled(firstSeq: number, chunks: number): Promise<number> {
  // tsx as a loader, not as a command: the command would start a second process of its own.
  const args = ['--import', 'tsx', WRITER, folder, String(firstSeq)];
  const child = spawn(process.execPath, args);
  let last = firstSeq - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= firstSeq + chunks) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
}

describe('the spool', () => {
  test('lists what an earlier process left, in order of track and number', async () => {
    const spool = await Spool.open(folder);
    for (const seq of [10, 2, 1]) await spool.add(makeMetadata('b-1', seq), wav);
    await spool.add(makeMetadata('a-1', 7), wav);
    const entries = await (await Spool.open(folder)).list();
    expect(entries.map(({ track, seq }) => `${track} ${seq}`)).toEqual([
      'a-1 7',
      'b-1 1',
      'b-1 2',
      'b-1 10',
    ]);
  });

  test('gives back a chunk with all that was said about it', async () => {
    const spool = await Spool.open(folder);
    const entry = await spool.add(makeMetadata('a-1', 1), wav);
    const chunk = await spool.read(entry);
    expect(chunk?.metadata).toMatchObject(makeMetadata('a-1', 1));
    expect(chunk?.wav).toEqual(wav);
  });

  test('does not give out a chunk whose file was damaged', async () => {
    const spool = await Spool.open(folder);
    const entry = await spool.add(makeMetadata('a-1', 1), wav);
    await appendFile(join(folder, 'chunks', entry.file), 'x');
    expect(await spool.read(entry)).toBeNull();
  });

  test('forgets half-written files', async () => {
    await Spool.open(folder);
    await writeFile(join(folder, 'chunks', 'a-1.00000001.chunk.tmp'), 'half');
    const spool = await Spool.open(folder);
    expect(await spool.list()).toEqual([]);
    expect(await readdir(join(folder, 'chunks'))).toEqual([]);
  });

  test('remembers its state across processes', async () => {
    const spool = await Spool.open(folder);
    await spool.updateState({ reportSeq: 3, acknowledgedSeqs: { 'a-1': 5 } });
    expect((await Spool.open(folder)).state).toMatchObject({
      reportSeq: 3,
      acknowledgedSeqs: { 'a-1': 5 },
    });
  });

  test('has every chunk it promised, whole, when its process is killed while writing', async () => {
    let promised = 0;
    for (const chunks of [1, 7, 20]) {
      promised = await writeUntilKilled(promised + 1, chunks);
      const spool = await Spool.open(folder);
      const entries = await spool.list();
      expect(entries.length).toBeGreaterThanOrEqual(promised);
      for (const entry of entries) expect(await spool.read(entry)).not.toBeNull();
      expect(spool.state.reportSeq).toBeGreaterThanOrEqual(promised);
      promised = entries.length;
    }
  }, 30_000);
});
