import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { FakeBotApi } from '../../../test/fake-bot-api';
import { createApiClient } from '../api/api-client';
import { encodeWav } from '../../../domain/wav';
import { Spool } from './spool';
import { Uploader } from './uploader';

const ORIGIN_MS = 1_767_258_000_000;
const logger = pino({ level: 'silent' });
const never = new AbortController().signal;

let folder: string;
let api: FakeBotApi;
let spool: Spool;
let uploader: Uploader;
let onSuperseded: jest.Mock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploader-'));
  api = new FakeBotApi({ joinUrl: 'https://example.com' });
  api.clockOriginMs = ORIGIN_MS;
  const client = createApiClient({ apiUrl: await api.start(), token: api.token, logger });
  spool = await Spool.open(folder);
  onSuperseded = jest.fn();
  uploader = new Uploader({ spool, api: client, logger, onSuperseded });
});
afterEach(async () => {
  await api.stop();
  await rm(folder, { recursive: true, force: true });
  expect(api.violations).toEqual([]);
});

async function enqueue(track: string, seqs: number[]) {
  for (const seq of seqs) {
    const startAtMs = ORIGIN_MS + seq * 1000;
    const metadata = { track, seq, startAtMs, endAtMs: startAtMs + 900, participant: 'maya' };
    uploader.enqueue(await spool.add(metadata, encodeWav(new Int16Array(16_000).fill(seq))));
  }
}

describe('the uploader', () => {
  test('sends each track in order, with times on the meeting clock, and empties the spool', async () => {
    await enqueue('a-1', [1, 2, 3]);
    await enqueue('a-2', [1, 2]);
    uploader.start(ORIGIN_MS);
    await uploader.drain(never);
    const ofTrack = (track: string) => api.chunks.filter((chunk) => chunk.track === track);
    expect(ofTrack('a-1').map(({ seq, startMs }) => [seq, startMs])).toEqual([
      [1, 1000],
      [2, 2000],
      [3, 3000],
    ]);
    expect(ofTrack('a-2').map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await spool.list()).toEqual([]);
    expect(spool.state.acknowledgedSeqs).toEqual({ 'a-1': 3, 'a-2': 2 });
  });

  test('sends nothing before the origin of the clock is known', async () => {
    await enqueue('a-1', [1]);
    await uploader.drain(AbortSignal.abort());
    expect(api.chunks).toEqual([]);
    expect(uploader.pending).toBe(1);
  });

  test('keeps chunks while the API is down and sends them when it is back', async () => {
    api.goDown();
    uploader.start(ORIGIN_MS);
    await enqueue('a-1', [1, 2]);
    expect(await spool.list()).toHaveLength(2);
    api.goUp();
    await uploader.drain(never);
    expect(api.chunks.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('sets a refused chunk aside and goes on with the next', async () => {
    api.chunkRefusal = ({ seq }) => (seq === 2 ? { status: 422, code: 'not_audio' } : null);
    await enqueue('a-1', [1, 2, 3]);
    uploader.start(ORIGIN_MS);
    await uploader.drain(never);
    expect(api.chunks.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(await readdir(join(folder, 'refused'))).toEqual(['a-1.00000002.chunk']);
  });

  test('stops a track at the chunk that a newer attempt has fenced off', async () => {
    api.chunkRefusal = ({ seq }) => (seq >= 2 ? { status: 409, code: 'superseded' } : null);
    await enqueue('a-1', [1, 2, 3]);
    uploader.start(ORIGIN_MS);
    await uploader.drain(never);
    expect(api.chunks.map(({ seq }) => seq)).toEqual([1]);
    expect(onSuperseded).toHaveBeenCalledTimes(1);
    expect(spool.state.acknowledgedSeqs).toEqual({ 'a-1': 1 });
  });
});
