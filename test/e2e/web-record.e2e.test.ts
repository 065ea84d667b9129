import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expectClean, expectOpenToAll, useWorld, type OpenedAs } from '../web/world';

const AUDIO = path.join(__dirname, '../audio');
const SPEECH = path.join(AUDIO, 'standup-maya.wav');

const world = useWorld('web-record', {}, [`--use-file-for-fake-audio-capture=${SPEECH}`]);

const words = (page: Page) => page.getByRole('region', { name: 'Live text' }).locator('p');

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
    expectClean(opened);
  }, 180_000);

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
    await context.setOffline(false);
    page.once('dialog', (dialog) => void dialog.accept());
    await context.route('**/api/meetings/*/chunks/**', (route) => route.abort());
    await page.reload();
    await page.getByRole('heading', { name: 'A recording was interrupted' }).waitFor();
    await context.unroute('**/api/meetings/*/chunks/**');
    await page.getByRole('button', { name: 'Go on recording' }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await until(async () => (await readRecording(userId)).chunks.length > sent + 2);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'The recording is finished' }).waitFor();
    const { chunks, meeting } = await readRecording(userId);
    expect(await world().db.prisma.meeting.count({ where: { userId } })).toBe(1);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    const attempt = await world().db.prisma.botAttempt.findFirstOrThrow({
      where: { meetingId: meeting.id },
    });
    expect(attempt.lastSeqs).toEqual({ microphone: chunks.length });
  }, 180_000);

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
    await until(async () => (await world().db.prisma.upload.count()) > 0);
    await world().platform.crash('api');
    const list = page.getByRole('list', { name: 'Files' });
    const speech = list.getByRole('listitem').filter({ hasText: 'standup-maya.wav' });
    await speech.getByText('Written down', { exact: true }).waitFor({ timeout: 120_000 });
    const text = list.getByRole('listitem').filter({ hasText: 'README.md' });
    await text.getByText('The file holds no sound that could be decoded.').waitFor();
    const meeting = await world().db.prisma.meeting.findFirstOrThrow({
      where: { userId, title: 'standup-maya.wav' },
      include: { transcriptions: true, upload: true },
    });
    expect(meeting).toMatchObject({ status: 'completed', recordingStatus: 'ready' });
    expect(Number(meeting.upload?.receivedBytes)).toBe(fs.statSync(SPEECH).size);
    expect(meeting.transcriptions.length).toBeGreaterThan(2);
    expect(opened.outside).toEqual([]);
  }, 240_000);

  test('can be cancelled', async () => {
    const { page, userId } = await world().openAs('canceller');
    await page.goto('/record');
    await page.getByRole('tab', { name: 'Upload' }).click();
    await page.route('**/upload', () => undefined);
    await page.getByLabel('Files to upload').setInputFiles(SPEECH);
    await until(async () => (await world().db.prisma.meeting.count({ where: { userId } })) > 0);
    await page.unroute('**/upload');
    await page.getByRole('button', { name: 'Cancel standup-maya.wav' }).click();
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
