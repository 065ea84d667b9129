import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { inspectWav } from '../domain/wav';
import type { AudioStore } from '../infra/audio-store';
import { createDiskAudioStore } from '../infra/audio-store-disk';
import type { Database } from '../infra/database/client';
import { readEvents } from '../infra/database/events';
import { findMeeting } from '../infra/database/meeting-records';
import { insertSourceMeeting } from '../infra/database/sources';
import { appendPart, findUpload, insertUpload } from '../infra/database/uploads';
import { createMemoryDoorbell } from '../test/factories';
import { insertMeeting, openTestDatabase } from '../test/records';
import { createUploadActivities, type DecodedUpload } from './uploads';

const ffmpeg = process.env.FFMPEG_PATH ?? 'ffmpeg';
const environment = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const SPEECH = path.join(__dirname, '../test/audio/standup-maya.wav');
const DECODER = path.join(__dirname, '../test/decoder-process.ts');

let db: Database;
let url: string;
let close: () => Promise<void>;
let folder: string;
let audioStore: AudioStore;
beforeAll(async () => {
  ({ db, url, close } = await openTestDatabase());
  folder = await mkdtemp(path.join(os.tmpdir(), 'uploads-test-'));
  audioStore = createDiskAudioStore(path.join(folder, 'store'));
});
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

/** A meeting whose file has come, in parts of a million bytes. */
async function upload(bytes: Uint8Array): Promise<number> {
  const { userId } = await insertMeeting(db);
  const meetingId = await db.transaction(async (tx) => {
    const meeting = await insertSourceMeeting(tx, {
      ...{ userId, source: 'upload', title: null, botName: 'Notetaker' },
      ...{ language: null, startedAt: null },
    });
    await insertUpload(tx, { meetingId: meeting.id, fileName: null, sizeBytes: bytes.length });
    return meeting.id;
  });
  for (let startByte = 0; startByte < bytes.length; startByte += 1_000_000) {
    const part = bytes.subarray(startByte, startByte + 1_000_000);
    const objectKey = `meetings/${meetingId}/upload/${startByte}.part`;
    await audioStore.put(objectKey, part);
    await appendPart(db, { meetingId, startByte, sizeBytes: part.length, objectKey });
  }
  return meetingId;
}

function decode(meetingId: number, limits: { longestMs?: number } = {}): Promise<DecodedUpload> {
  const doorbell = createMemoryDoorbell();
  const deps = { db, audioStore, doorbell, ffmpeg, environment, ...limits };
  const activities = createUploadActivities(deps);
  return new MockActivityEnvironment().run(activities.decodeUpload, { meetingId });
}

/** The speech, so many times over, as a file of this name. */
async function encode(name: string, options: string[] = [], times = 1): Promise<Buffer> {
  const file = path.join(folder, name);
  const loop = ['-stream_loop', String(times - 1), '-i', SPEECH];
  execFileSync(ffmpeg, ['-v', 'error', '-y', ...loop, ...options, file]);
  return readFile(file);
}

const listChunks = (meetingId: number) =>
  db.prisma.audioChunk.findMany({ where: { meetingId }, orderBy: { seq: 'asc' } });

const SPEECH_MS = (statSync(SPEECH).size - 44) / 32;

describe('decodeUpload', () => {
  test.each([
    ['talk.wav', []],
    ['talk.mp3', []],
    ['talk.m4a', []],
    ['talk.ogg', ['-c:a', 'libvorbis']],
    ['talk.flac', []],
    ['talk.webm', ['-c:a', 'libopus']],
    [
      'talk.mp4',
      ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=5', '-map', '0:a', '-map', '1:v', '-shortest'],
    ],
  ])('hears all that is said in %s', async (name, options) => {
    const meetingId = await upload(await encode(name, options));
    const answer = await decode(meetingId);
    const chunks = await listChunks(meetingId);
    expect(answer).toEqual({ kind: 'decoded', chunks: chunks.length });
    expect(chunks.length).toBeGreaterThan(1);
    const heardMs = chunks.reduce((sum, chunk) => sum + chunk.endMs - chunk.startMs, 0);
    expect(heardMs).toBeGreaterThan(SPEECH_MS * 0.5);
    for (const chunk of chunks) {
      const wav = inspectWav(await audioStore.get(chunk.objectKey));
      expect(wav.ok && Math.abs(wav.durationMs - (chunk.endMs - chunk.startMs)) <= 1).toBe(true);
      expect(chunk.endMs - chunk.startMs).toBeLessThanOrEqual(28_000);
    }
  });

  test('keeps a recording to hear it by, and of the file itself nothing', async () => {
    const meetingId = await upload(await encode('kept.mp3'));
    await decode(meetingId);
    const meeting = await findMeeting(db, meetingId);
    expect(meeting).toMatchObject({ recordingStatus: 'ready' });
    expect(await audioStore.get(meeting?.recordingKey ?? '')).toBeTruthy();
    expect(await db.prisma.uploadPart.count({ where: { meetingId } })).toBe(0);
    const left: string[] = [];
    const later = new Date(Date.now() + 60_000);
    for await (const key of audioStore.list(`meetings/${meetingId}/`, later)) left.push(key);
    expect(left.filter((key) => key.includes('/upload/'))).toEqual([]);
  });

  test('says on the cursor how far it is', async () => {
    const meetingId = await upload(await encode('progress.mp3', [], 4));
    await decode(meetingId);
    expect(await findUpload(db, meetingId)).toMatchObject({ status: 'decoded' });
    const events = await readEvents(db, [{ meetingId, after: 0 }], 100);
    const percents = events.flatMap(({ event }) =>
      event.type === 'upload.progress' ? [event.percent] : [],
    );
    expect(percents.length).toBeGreaterThan(0);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
  });

  test.each([
    ['a text', Buffer.from('Dear reader, this is no sound. '.repeat(100))],
    ['nothing to speak of', Buffer.from([0])],
    [
      'a playlist that leads to other files',
      Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/hostname\n'),
    ],
    [
      'a playlist that leads into the network',
      Buffer.from('#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:1/sound.mp3\n#EXT-X-ENDLIST\n'),
    ],
    ['a list of files to be joined', Buffer.from(`ffconcat version 1.0\nfile '${SPEECH}'\n`)],
  ])('finds no sound in %s', async (_name, bytes) => {
    const meetingId = await upload(bytes);
    expect(await decode(meetingId)).toEqual({ kind: 'unusable', reason: 'not_audio' });
    expect(await listChunks(meetingId)).toEqual([]);
  });

  test('finds no sound in a film without any', async () => {
    const film = path.join(folder, 'silent.mp4');
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=5:duration=2'];
    execFileSync(ffmpeg, ['-v', 'error', '-y', ...picture, film]);
    const meetingId = await upload(await readFile(film));
    expect(await decode(meetingId)).toEqual({ kind: 'unusable', reason: 'not_audio' });
  });

  test('refuses more sound than may be, whatever the file says of its length', async () => {
    const bytes = await encode('long.flac');
    const longestMs = SPEECH_MS / 2;
    const said = await upload(bytes);
    const refusal = { kind: 'unusable', reason: 'audio_too_long' };
    expect(await decode(said, { longestMs })).toEqual(refusal);
    // FLAC's header without its count of samples: the last 36 bits of these 8 bytes
    const silent = Buffer.from(bytes);
    silent.writeUInt8(silent.readUInt8(21) & 0xf0, 21);
    silent.fill(0, 22, 26);
    const unsaid = await upload(silent);
    expect(await decode(unsaid, { longestMs })).toEqual(refusal);
  });

  test('hears what is there of a file that is cut off', async () => {
    const whole = await encode('whole.mp3', [], 2);
    const meetingId = await upload(whole.subarray(0, whole.length / 2));
    expect(await decode(meetingId)).toMatchObject({ kind: 'decoded' });
    expect((await listChunks(meetingId)).at(-1)?.endMs).toBeGreaterThan(SPEECH_MS * 0.8);
  });

  test('goes on behind the last piece of a worker that was killed, with no gap and no repeat', async () => {
    const bytes = await encode('killed.mp3', [], 20);
    const meetingId = await upload(bytes);
    const args = ['--import', 'tsx', DECODER, url, path.join(folder, 'store'), String(meetingId)];
    const child = spawn(process.execPath, [...args, ffmpeg], { stdio: 'inherit' });
    const exited = once(child, 'exit');
    while ((await listChunks(meetingId)).length < 3) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill('SIGKILL');
    await exited;
    const before = await listChunks(meetingId);
    expect(await findUpload(db, meetingId)).toMatchObject({ status: 'received' });

    expect(await decode(meetingId)).toMatchObject({ kind: 'decoded' });
    const chunks = await listChunks(meetingId);
    expect(chunks.slice(0, before.length)).toEqual(before);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    const overlaps = chunks.filter((chunk, index) => {
      const next = chunks[index + 1];
      return next !== undefined && next.startMs < chunk.endMs;
    });
    expect(overlaps).toEqual([]);
    expect(chunks.at(-1)?.endMs).toBeGreaterThan(SPEECH_MS * 20 * 0.97);
    expect(
      (await readdir(os.tmpdir())).filter((name) => name.startsWith(`upload-${meetingId}-`)),
    ).toEqual([]);
  });

  test('done again, adds nothing', async () => {
    const meetingId = await upload(await encode('again.mp3'));
    const first = await decode(meetingId);
    const before = await listChunks(meetingId);
    expect(await decode(meetingId)).toEqual(first);
    expect(await listChunks(meetingId)).toEqual(before);
  });

  test('adds nothing to a meeting that is deleted', async () => {
    const meetingId = await upload(await encode('deleted.mp3'));
    await db.query('UPDATE meetings SET deleted_at = now() WHERE id = $1', [meetingId]);
    await expect(decode(meetingId)).rejects.toMatchObject({ type: 'MeetingDeleted' });
  });
});
