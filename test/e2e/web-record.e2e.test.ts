import fs from 'node:fs';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { encodeWav } from '../../domain/wav';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { startS3Server } from '../s3-server';
import { WebBrowser } from '../web/browser';
import { beginUpload, makeLongSpeech } from '../web/raw-upload';
import { expectClean, expectOpenToAll, useWorld, type OpenedAs } from '../web/world';

const MIB = 1024 * 1024;
const AUDIO = path.join(__dirname, '../audio');
const SPEECH = path.join(AUDIO, 'standup-maya.wav');

// what is recorded and uploaded here lies in a bucket; other tests have it on the disk
let bucket: Awaited<ReturnType<typeof startS3Server>>;
beforeAll(async () => {
  bucket = await startS3Server();
}, 120_000);
const world = useWorld(
  'web-record',
  () => ({
    S3_BUCKET: bucket.config.bucket,
    S3_ENDPOINT: bucket.config.endpoint ?? '',
    S3_ACCESS_KEY_ID: bucket.config.accessKeyId ?? '',
    S3_SECRET_ACCESS_KEY: bucket.config.secretAccessKey ?? '',
  }),
  [`--use-file-for-fake-audio-capture=${SPEECH}`],
);
afterAll(() => bucket.close());

/** A recorder cuts no shorter piece, but the last one. */
const SHORTEST_PIECE_MS = 1_900;
let sharing: WebBrowser | undefined;
afterAll(() => sharing?.stop());

const words = (page: Page) => page.getByRole('region', { name: 'Live text' }).getByRole('listitem');

async function startRecording(name: string): Promise<OpenedAs> {
  const opened = await world().openAs(name);
  const { page, context } = opened;
  await context.grantPermissions(['microphone']);
  await page.goto('/record');
  await page.getByLabel('Title').fill('Talking to myself');
  await page.getByRole('button', { name: 'Start recording' }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  return opened;
}

/** What the API has of the one recording of a user. */
async function readRecording(userId: number) {
  const meeting = await world().db.prisma.meeting.findFirstOrThrow({
    where: { userId, source: 'recorder' },
  });
  const chunks = await world().db.prisma.audioChunk.findMany({
    where: { meetingId: meeting.id },
    orderBy: { seq: 'asc' },
  });
  return { meeting, chunks };
}

/** How long nothing was heard between one chunk and the next, in milliseconds. */
function findHoles(chunks: { startMs: number; endMs: number }[]): number[] {
  return chunks.slice(1).map(({ startMs }, index) => startMs - (chunks[index]?.endMs ?? 0));
}

const CHUNKS = '**/api/meetings/*/chunks/**';
const hasChunks = async (userId: number, count = 1): Promise<boolean> =>
  (await readRecording(userId)).chunks.length >= count;

/** Another person signs in with the same browser. */
async function signInAs(context: BrowserContext, email: string): Promise<void> {
  const answer = await context.request.post('/auth/session', { data: { email } });
  expect(answer.ok()).toBe(true);
}

/** As the timer of the recorder says. */
async function readTimer(page: Page): Promise<number> {
  const text = await page.getByRole('timer', { name: 'Recorded so far' }).innerText();
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Asks the API for what a user may, outside of the page. */
async function askAs(email: string, method: string, route: string): Promise<void> {
  const { apiUrl } = world().platform;
  const token = await new DemoApiClient(apiUrl).signIn(email);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${apiUrl}${route}`, { method, headers });
  expect(answer.status).toBeLessThan(300);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 200));
}

describe('the recorder', () => {
  test('hears the microphone: the words appear while one speaks, and the meeting is written down', async () => {
    const opened = await startRecording('speaker');
    const { page, userId } = opened;
    await words(page)
      .filter({ hasText: /\w+ \w+/ })
      .first()
      .waitFor({ timeout: 60_000 });
    const level = page.getByRole('meter', { name: 'How loud it is' });
    await until(async () => Number(await level.getAttribute('aria-valuenow')) > 0);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    await until(async () => (await readRecording(userId)).meeting.status === 'completed');
    const { meeting, chunks } = await readRecording(userId);
    expect(meeting).toMatchObject({ title: 'Talking to myself', reason: 'recording_finished' });
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    await page.getByRole('link', { name: 'Open the meeting' }).click();
    // it is heard, not seen: the page draws its own player
    await page.locator('audio').waitFor({ state: 'attached' });
    const times = page.getByRole('log', { name: 'Transcript' }).getByRole('button', {
      name: /^Play from \d+:\d\d$/,
    });
    await times.last().click();
    await page.waitForFunction(`document.querySelector('audio').currentTime > 0`);
    expect(await page.evaluate(`document.querySelector('audio').error === null`)).toBe(true);
    expectClean(opened);
  }, 240_000);

  test('hears a tab with its sound, until the tab is closed', async () => {
    const title = 'A call in another tab';
    sharing = await WebBrowser.startSharing(world().platform, title);
    const email = 'viewer@example.org';
    const { page, context, errors } = await sharing.open({ email });
    await context.route('https://call.test/**', (route) =>
      route.request().url().endsWith('.wav')
        ? route.fulfill({ path: SPEECH, contentType: 'audio/wav' })
        : route.fulfill({
            contentType: 'text/html',
            body: `<title>${title}</title><audio src="/speech.wav" loop></audio>`,
          }),
    );
    const call = await context.newPage();
    await call.goto('https://call.test/');
    await call.evaluate(`document.querySelector('audio').play()`);
    await page.bringToFront();
    await page.goto('/record');
    await page.getByRole('radio', { name: /A tab with its sound/ }).click();
    await page.getByRole('button', { name: 'Start recording' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await words(page)
      .filter({ hasText: /\w+ \w+/ })
      .first()
      .waitFor({ timeout: 90_000 });
    await call.close();
    await page.getByRole('alert').filter({ hasText: 'The sound has ended' }).waitFor();
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    const user = await world().db.prisma.user.findFirstOrThrow({ where: { email } });
    const { chunks } = await readRecording(user.id);
    expect(new Set(chunks.map(({ track }) => track))).toEqual(new Set(['tab']));
    // Chromium looks for the camera as well when something is shared, which this page never uses
    expect(errors.filter((error) => !error.includes('camera is not allowed'))).toEqual([]);
  }, 240_000);

  test.each([
    [
      'nobody chose one',
      `Promise.reject(new DOMException('no', 'NotAllowedError'))`,
      'No tab was chosen',
    ],
    [
      'it came without its sound',
      `Promise.resolve(document.createElement('canvas').captureStream())`,
      'The tab was shared without its sound',
    ],
  ])(
    'says what to do about a tab when %s',
    async (_case, answer, problem) => {
      const { page } = await world().openAs('chooser');
      await page.addInitScript(`navigator.mediaDevices.getDisplayMedia = () => ${answer};`);
      await page.goto('/record');
      await page.getByRole('radio', { name: /A tab with its sound/ }).click();
      await page.getByRole('button', { name: 'Start recording' }).click();
      await page.getByRole('alert').filter({ hasText: problem }).waitFor();
      expect(await page.getByRole('button', { name: 'Start recording' }).isEnabled()).toBe(true);
    },
    60_000,
  );

  test('hears nothing in a pause', async () => {
    const { page, userId } = await startRecording('quiet');
    await until(async () => (await readRecording(userId)).chunks.length > 0);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    // as long as somebody fetches a coffee: longer than any piece
    await page.waitForTimeout(7_000);
    await page.getByRole('button', { name: 'Go on' }).click();
    const hasHole = async (): Promise<boolean> =>
      findHoles((await readRecording(userId)).chunks).some((ms) => ms > 6_000);
    await until(hasHole);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
  }, 120_000);

  test('keeps what it heard over a lost network and a reload, and goes on in the same meeting', async () => {
    const { page, context, userId } = await startRecording('survivor');
    await until(async () => (await readRecording(userId)).chunks.length > 0);
    await context.setOffline(true);
    await page.getByText(/pieces wait to be sent/).waitFor({ timeout: 60_000 });
    const sent = (await readRecording(userId)).chunks.length;
    const recorded = await readTimer(page);
    await context.setOffline(false);
    page.once('dialog', (dialog) => void dialog.accept());
    await context.route(CHUNKS, (route) => route.abort());
    await page.reload();
    await page.getByRole('heading', { name: 'A recording was interrupted' }).waitFor();
    await context.unroute(CHUNKS);
    await page.getByRole('button', { name: 'Go on recording' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    expect(recorded).toBeGreaterThan(0);
    expect(await readTimer(page)).toBeGreaterThanOrEqual(recorded);
    await until(async () => (await readRecording(userId)).chunks.length > sent + 2);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    const { chunks, meeting } = await readRecording(userId);
    expect(await world().db.prisma.meeting.count({ where: { userId } })).toBe(1);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    // no piece is as short as that: nobody listened while the page was loaded, and never else
    const holes = findHoles(chunks).filter((ms) => ms > SHORTEST_PIECE_MS);
    expect(holes.length).toBeLessThanOrEqual(1);
    const attempt = await world().db.prisma.botAttempt.findFirstOrThrow({
      where: { meetingId: meeting.id },
    });
    expect(attempt.lastSeqs).toEqual({ microphone: chunks.length });
  }, 180_000);

  test('goes on while other tabs and pages are looked at, and the side bar leads back to it', async () => {
    const { page, userId } = await startRecording('wanderer');
    await page.getByRole('tab', { name: 'Upload' }).click();
    await page.getByRole('button', { name: 'Choose files' }).waitFor();
    await until(() => hasChunks(userId));
    await page.getByRole('navigation', { name: 'Main' }).getByText('Meetings').click();
    await page.getByRole('heading', { name: 'Meetings', exact: true }).waitFor();
    const before = (await readRecording(userId)).chunks.length;
    await until(() => hasChunks(userId, before + 1));
    await page.locator('#side').getByRole('link', { name: 'Recording', exact: true }).click();
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    const { chunks } = await readRecording(userId);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    expect(findHoles(chunks).filter((ms) => ms > SHORTEST_PIECE_MS)).toEqual([]);
  }, 120_000);

  test('belongs to one tab and one person: others neither go on with it nor wipe it', async () => {
    const { page, context, userId, email } = await startRecording('owner');
    await until(() => hasChunks(userId));
    await context.route(CHUNKS, (route) => route.abort());
    await page.getByText(/waits? to be sent/).waitFor();
    const other = await context.newPage();
    const interrupted = other.getByRole('heading', { name: 'A recording was interrupted' });
    await other.goto('/record');
    await other.getByRole('heading', { name: 'Records in another tab' }).waitFor();
    expect(await interrupted.count()).toBe(0);
    await page.close();
    await interrupted.waitFor();
    const { chunks: sent } = await readRecording(userId);
    await context.unroute(CHUNKS);
    await signInAs(context, 'stranger@example.org');
    await other.goto('/record');
    await other.getByRole('button', { name: 'Start recording' }).waitFor();
    expect(await interrupted.count()).toBe(0);
    await signInAs(context, email);
    // also a page that records nothing tells of it, and sends what waits
    await other.goto('/meetings');
    const mark = other.locator('#side').getByRole('link', { name: 'Recording interrupted' });
    await mark.waitFor();
    await until(() => hasChunks(userId, sent.length + 1));
    await mark.click();
    await other.getByRole('button', { name: 'Finish it' }).click();
    await other.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    const { chunks } = await readRecording(userId);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
  }, 120_000);

  test('keeps what the API refuses, until it is saved as a file and thrown away', async () => {
    const opened = await startRecording('refused');
    const { page, userId, email } = opened;
    await until(() => hasChunks(userId));
    const { meeting } = await readRecording(userId);
    await askAs(email, 'DELETE', `/api/meetings/${meeting.id}`);
    await page.getByRole('alert').filter({ hasText: 'refused the sound' }).waitFor();
    await page.reload();
    const save = page.getByRole('button', { name: 'Save as a file' });
    await save.waitFor();
    await expectOpenToAll(opened);
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    const sound = fs.readFileSync(await download.path());
    expect(sound.subarray(0, 4).toString()).toBe('RIFF');
    expect(sound.length - 44).toBe(sound.readUInt32LE(40));
    expect(sound.length).toBeGreaterThan(16_000);
    await page.getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('button', { name: 'Start recording' }).waitFor();
  }, 120_000);

  test('loses nothing when the browser has no room for it, and goes on once it has', async () => {
    const { page, userId } = await startRecording('cramped');
    await until(async () => (await readRecording(userId)).chunks.length > 0);
    await page.evaluate(`
      window.realPut = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function ({ lastSeq }) {
        window.refusedSeq ??= lastSeq;
        throw new DOMException('no room', 'QuotaExceededError');
      };`);
    await page.getByRole('alert').filter({ hasText: 'keeps no more sound' }).waitFor();
    await page.evaluate('IDBObjectStore.prototype.put = window.realPut');
    const sent = (await readRecording(userId)).chunks.length;
    await page.getByRole('button', { name: 'Go on' }).click();
    await until(async () => (await readRecording(userId)).chunks.length > sent + 1);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    const { chunks } = await readRecording(userId);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    // what it had no room for was kept in memory and sent: no piece is missing before it
    const refusedSeq = Number(await page.evaluate('window.refusedSeq'));
    const refused = chunks.findIndex(({ seq }) => seq === refusedSeq);
    expect(refused).toBeGreaterThan(0);
    expect(findHoles(chunks)[refused - 1]).toBeLessThan(SHORTEST_PIECE_MS);
  }, 180_000);

  test('lets go of the microphone when its sound cannot be heard', async () => {
    const { page, context } = await world().openAs('unheard');
    await context.grantPermissions(['microphone']);
    await page.addInitScript(`
      AudioContext.prototype.createMediaStreamSource = (stream) => {
        window.given = stream;
        throw new DOMException('Other sample rate', 'NotSupportedError');
      };`);
    await page.goto('/record');
    await page.getByRole('button', { name: 'Start recording' }).click();
    await page.getByRole('alert').filter({ hasText: 'went wrong' }).waitFor();
    const states = 'window.given.getTracks().map(({ readyState }) => readyState).join()';
    expect(await page.evaluate(states)).toBe('ended');
  }, 60_000);

  test('explains what to do when the browser may not use the microphone', async () => {
    const { page } = await world().openAs('denied');
    await page.addInitScript(
      `navigator.mediaDevices.getUserMedia = () =>
         Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));`,
    );
    await page.goto('/record');
    await page.getByRole('button', { name: 'Start recording' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'may not use your microphone' });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('allow the microphone');
  }, 60_000);
});

describe('an upload on the page', () => {
  test('is sent, decoded and written down, while the API dies and comes back', async () => {
    const opened = await world().openAs('uploader');
    const { page, userId } = opened;
    await page.goto('/record');
    await page.getByRole('tab', { name: 'Upload' }).click();
    const notes = path.join(path.dirname(SPEECH), 'README.md');
    // each request waits a little, so that the API can die between two of them
    await page.route('**/upload', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.getByLabel('Files to upload').setInputFiles([SPEECH, notes]);
    const list = page.getByRole('list', { name: 'Files' });
    const speech = list.getByRole('listitem').filter({ hasText: 'standup-maya.wav' });
    await until(async () => (await world().db.prisma.upload.count()) > 0);
    await Promise.all([
      world().platform.crash('api'),
      // it may be written down already when the API is found to be back
      speech.getByRole('progressbar', { name: 'Progress of standup-maya.wav' }).waitFor(),
    ]);
    await speech.getByText('Written down', { exact: true }).waitFor({ timeout: 120_000 });
    const text = list.getByRole('listitem').filter({ hasText: 'README.md' });
    await text
      .getByText('The file holds no sound that could be decoded.')
      .waitFor({ timeout: 120_000 });
    const meeting = await world().db.prisma.meeting.findFirstOrThrow({
      where: { userId, title: 'standup-maya.wav' },
      include: { transcriptions: true, upload: true },
    });
    expect(meeting).toMatchObject({ status: 'completed', recordingStatus: 'ready' });
    expect(Number(meeting.upload?.receivedBytes)).toBe(fs.statSync(SPEECH).size);
    expect(meeting.transcriptions.length).toBeGreaterThan(2);
    expect(opened.outside).toEqual([]);
  }, 240_000);

  test('goes on where it was when the API is killed in the middle of a request', async () => {
    const { platform, db } = world();
    const file = makeLongSpeech(SPEECH, { silentBytes: 24 * MIB });
    const upload = await beginUpload(platform.apiUrl, { email: 'sender@example.org', file });
    const sending = upload.sendUnfinished(0, 12 * MIB);
    const read = () => db.prisma.upload.findFirstOrThrow({ where: { meetingId: upload.id } });
    await until(async () => Number((await read()).receivedBytes) > 0);
    await platform.crash('api');
    await expect(sending).rejects.toThrow();
    const offset = await upload.readOffset();
    expect(offset).toBeGreaterThanOrEqual(8 * MIB);
    expect(offset).toBeLessThanOrEqual(12 * MIB);
    expect(await upload.sendRest(offset)).toBe(file.length);
    await until(async () => {
      const { status } = await db.prisma.meeting.findFirstOrThrow({ where: { id: upload.id } });
      return status === 'completed';
    });
    const spoken = await db.prisma.transcription.findMany({
      where: { meetingId: upload.id },
      orderBy: { timestampMs: 'asc' },
    });
    const silentMs = (24 * MIB) / 32;
    expect(spoken[0]?.text).toMatch(/good morning/i);
    expect(Math.abs(Number(spoken[0]?.timestampMs) - silentMs - 1_500)).toBeLessThan(1_500);
  }, 300_000);

  test('goes on while another page is open; of many, two are sent at a time', async () => {
    const { page, userId } = await world().openAs('patient');
    const held: (() => void)[] = [];
    let isHolding = true;
    await page.route('**/upload', async (route) => {
      const isFirst = route.request().method() === 'HEAD';
      if (isFirst && isHolding) await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    const buffer = Buffer.from(encodeWav(new Int16Array(16_000)));
    const mimeType = 'audio/wav';
    const files = ['1.wav', '2.wav', '3.wav'].map((name) => ({ name, mimeType, buffer }));
    await page.goto('/record?tab=upload');
    await page.getByLabel('Files to upload').setInputFiles(files);
    await until(async () => held.length === 2);
    expect(await page.getByText('Waits for its turn').count()).toBe(1);
    expect(await world().db.prisma.meeting.count({ where: { userId } })).toBe(2);
    await page.getByRole('navigation', { name: 'Main' }).getByText('Meetings').click();
    await page.locator('#side').getByRole('link', { name: 'Uploading 3 files' }).waitFor();
    isHolding = false;
    for (const letGo of held) letGo();
    const isDone = async (): Promise<boolean> =>
      (await world().db.prisma.meeting.count({ where: { userId, status: 'completed' } })) === 3;
    await until(isDone);
    await page.getByRole('navigation', { name: 'Main' }).getByText('Record').click();
    await page.getByRole('tab', { name: 'Upload' }).click();
    await page.getByText('Written down', { exact: true }).nth(2).waitFor();
  }, 120_000);

  test('waits when as many files are on their way as one may have', async () => {
    const { page, email } = await world().openAs('collector');
    const { apiUrl } = world().platform;
    const file = Buffer.alloc(10);
    const others = await Promise.all(
      Array.from({ length: 20 }, () => beginUpload(apiUrl, { email, file })),
    );
    await page.goto('/record?tab=upload');
    const refused = page.waitForResponse((response) => response.status() === 409);
    await page.getByLabel('Files to upload').setInputFiles(SPEECH);
    await refused;
    await page.getByText('Waits for its turn').waitFor();
    await askAs(email, 'DELETE', `/api/meetings/${others[0]?.id}/upload`);
    await page.getByText(/^(?:Being decoded|Being written down|Written down)/).waitFor();
  }, 120_000);

  test('leaves nothing behind when it is cancelled while its meeting is being made', async () => {
    const { page, userId } = await world().openAs('hasty');
    let goOn = (): void => undefined;
    await page.route('**/api/uploads', async (route) => {
      const response = await route.fetch();
      await new Promise<void>((resolve) => (goOn = resolve));
      await route.fulfill({ response });
    });
    await page.goto('/record?tab=upload');
    await page.getByLabel('Files to upload').setInputFiles(SPEECH);
    const find = () => world().db.prisma.meeting.findFirst({ where: { userId } });
    await until(async () => (await find()) !== null);
    await page.getByRole('button', { name: 'Cancel standup-maya.wav' }).click();
    await page.getByText('Cancelled').waitFor();
    goOn();
    await until(async () => (await find())?.status === 'cancelled');
  }, 60_000);

  test('can be cancelled', async () => {
    const { page, context, userId } = await world().openAs('canceller');
    await page.goto('/record');
    await page.getByRole('tab', { name: 'Upload' }).click();
    await page.route('**/upload', () => undefined);
    await page.getByLabel('Files to upload').setInputFiles(SPEECH);
    await until(async () => (await world().db.prisma.meeting.count({ where: { userId } })) > 0);
    await page.unroute('**/upload');
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Cancel standup-maya.wav' }).click();
    await context.setOffline(false);
    await page.getByText('Cancelled').waitFor();
    const read = () => world().db.prisma.meeting.findFirstOrThrow({ where: { userId } });
    await until(async () => (await read()).status === 'cancelled');
    expect(await read()).toMatchObject({ reason: 'upload_cancelled' });
  }, 60_000);
});

describe('/record', () => {
  test('has no barrier and fits, whatever it shows', async () => {
    const opened = await world().openAs('everybody');
    const { page, context } = opened;
    await context.grantPermissions(['microphone']);
    await page.goto('/record');
    await page.getByRole('button', { name: 'Start recording' }).waitFor();
    await expectOpenToAll(opened);
    await page.getByRole('tab', { name: 'Upload' }).click();
    await page.getByRole('button', { name: 'Choose files' }).waitFor();
    await expectOpenToAll(opened);
  }, 120_000);
});
