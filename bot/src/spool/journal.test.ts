import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeWav } from '../../../domain/wav';
import { readWavSamples } from '../../../test/wav-file';
import type { Journal, JournalPart } from './journal';
import { Spool } from './spool';

const WRITER = join(__dirname, '../../test/journal-writer.ts');
const RATE = 16_000;
/** One second between records, a block on its way, and what a busy machine adds. */
const MOST_LOST_MS = 1_500;

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'journal-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

function makePart(level: number, change: Partial<JournalPart> = {}): JournalPart {
  const samples = new Int16Array(RATE).fill(level);
  return {
    track: 'a-1',
    seq: 4,
    startAtMs: 5_000,
    participant: 'maya',
    samples,
    isNew: false,
    ...change,
  };
}

async function openJournal(): Promise<Journal> {
  const spool = await Spool.open(folder);
  return spool.createJournal((error) => {
    throw error;
  });
}

/** What a process that starts after the crash finds. */
async function recover() {
  const spool = await Spool.open(folder);
  const chunks = [];
  for (const entry of await spool.list()) {
    const chunk = await spool.read(entry);
    if (chunk) chunks.push({ ...chunk.metadata, samples: readWavSamples(chunk.wav) });
  }
  return chunks;
}

async function write(...parts: JournalPart[]): Promise<Journal> {
  const journal = await openJournal();
  for (const part of parts) journal.append(part);
  await journal.remove({ track: 'other', seq: 1 });
  return journal;
}

const openFiles = () => readdir(join(folder, 'journal'));

describe('a piece of speech that was open when its process died', () => {
  test('becomes a chunk with all that was said about it last', async () => {
    const spans = [{ source: 'csrc-7', startMs: 0, endMs: 900 }];
    await write(makePart(1, { isNew: true, participant: null }), makePart(2, { spans }));
    const [chunk, ...more] = await recover();
    expect(more).toEqual([]);
    expect(chunk).toMatchObject({
      track: 'a-1',
      seq: 4,
      startAtMs: 5_000,
      endAtMs: 7_000,
      participant: 'maya',
      spans,
    });
    expect([chunk?.samples[0], chunk?.samples.at(-1), chunk?.samples.length]).toEqual([
      1,
      2,
      2 * RATE,
    ]);
    expect(await openFiles()).toEqual([]);
  });

  test('keeps its whole records when the last one is torn', async () => {
    await write(makePart(1, { isNew: true }), makePart(2));
    const [file] = await openFiles();
    const path = join(folder, 'journal', String(file));
    await truncate(path, (await readFile(path)).length - 100);
    expect((await recover()).map(({ samples }) => samples.length)).toEqual([RATE]);
  });

  test('keeps the records before one that is damaged', async () => {
    await write(makePart(1, { isNew: true }));
    const [file] = await openFiles();
    await appendFile(join(folder, 'journal', String(file)), Buffer.alloc(80, 7));
    expect((await recover()).map(({ samples }) => samples.length)).toEqual([RATE]);
  });

  test('that left nothing whole leaves no chunk', async () => {
    await Spool.open(folder);
    await writeFile(join(folder, 'journal', 'a-1.00000001.open'), 'torn');
    expect(await recover()).toEqual([]);
    expect(await openFiles()).toEqual([]);
  });

  test('is not made into a second chunk when the whole one is on disk already', async () => {
    await write(makePart(1, { isNew: true }));
    const { isNew, samples, ...metadata } = makePart(3, { isNew: true });
    expect(isNew).toBe(true);
    // As `Spool.open` would find it: the chunk was renamed into place, the journal not yet removed.
    const path = join(folder, 'journal', 'a-1.00000004.open');
    const kept = await readFile(path);
    const spool = await Spool.open(folder);
    for (const entry of await spool.list()) await spool.remove(entry);
    await spool.add({ ...metadata, endAtMs: 6_000 }, encodeWav(samples));
    await writeFile(path, kept);
    expect((await recover()).map((chunk) => chunk.samples[0])).toEqual([3]);
  });

  test('is not made into a chunk when the API has it already', async () => {
    await write(makePart(1, { isNew: true }));
    const path = join(folder, 'journal', 'a-1.00000004.open');
    const kept = await readFile(path);
    const spool = await Spool.open(folder);
    for (const entry of await spool.list()) await spool.remove(entry);
    await spool.updateState({ acknowledgedSeqs: { 'a-1': 4 } });
    await writeFile(path, kept);
    expect(await recover()).toEqual([]);
  });

  test('begins anew when an earlier piece under its number came to nothing', async () => {
    await write(makePart(1, { isNew: true }), makePart(2, { isNew: true, startAtMs: 9_000 }));
    expect(await recover()).toMatchObject([{ startAtMs: 9_000, endAtMs: 10_000 }]);
  });

  test('is gone once it was removed', async () => {
    const journal = await write(makePart(1, { isNew: true }));
    await journal.remove({ track: 'a-1', seq: 4 });
    expect(await recover()).toEqual([]);
  });
});

describe('a recorder killed in the middle of speech', () => {
  test.each([3_300, 7_700])('after %i ms loses about a second of it', async (killAtMs) => {
    const monologue = readWavSamples(join(__dirname, '../../../test/audio/librivox.wav'));
    const file = join(folder, 'speaker.wav');
    await writeFile(file, encodeWav(monologue));
    const child = spawn(process.execPath, ['--import', 'tsx', WRITER, folder, file]);
    let heardMs = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      heardMs = Number(line);
      if (heardMs >= killAtMs) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const chunks = await recover();
    const first = chunks[0];
    const last = chunks.at(-1);
    if (!first || !last) throw new Error('Expected chunks after the crash, found none');
    const reachedMs = last.endAtMs - first.startAtMs;
    const heard = monologue.subarray(0, (heardMs * RATE) / 1000);
    const leadMs = findFirst(heard, first.samples);
    expect(heardMs - leadMs - reachedMs).toBeLessThanOrEqual(MOST_LOST_MS);
    for (const { startAtMs, samples } of chunks) {
      const at = ((startAtMs - first.startAtMs + leadMs) * RATE) / 1000;
      expect(samples.subarray(0, RATE / 10)).toEqual(monologue.subarray(at, at + RATE / 10));
    }
  });
});

/** Where in `sound` the piece begins, in milliseconds. */
function findFirst(sound: Int16Array, piece: Int16Array): number {
  const isAt = (offset: number) =>
    piece.subarray(0, 400).every((sample, index) => sound[offset + index] === sample);
  for (let offset = 0; offset < sound.length; offset += 320) {
    if (isAt(offset)) return (offset * 1000) / RATE;
  }
  throw new Error('Expected the piece to be part of the sound');
}
