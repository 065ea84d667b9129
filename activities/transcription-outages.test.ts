import { CancelledFailure } from '@temporalio/common';
import { countChunks } from '../infra/database/chunks';
import {
  addChunk,
  close,
  db,
  failureOf,
  makeHeldWorker,
  makeMeeting,
  readReasons,
  readTexts,
  run,
  start,
  useTranscription,
  waitForJob,
} from '../test/transcription-stage';

useTranscription();

describe('transcribeMeeting, when Whisper fails', () => {
  test.each([
    [401, 'WhisperUnauthorized', 60_000],
    [402, 'WhisperOutOfCredit', 60_000],
    [429, 'WhisperRateLimited', 30_000],
  ])('fails on HTTP %i as %s, to be tried again after %i ms', async (status, type, delayMs) => {
    const stack = await start();
    stack.cloud.refuse({ status, headers: { 'retry-after': '30' } });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    const failure = await failureOf(run(stack, meeting).result);
    expect(failure).toMatchObject({ type, nonRetryable: false, nextRetryDelay: delayMs });
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
  });

  test('survives a short outage by quick tries', async () => {
    const stack = await start();
    stack.cloud.refuse({ status: 503, times: 2 });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
  });

  test('fails when Whisper stays away, and waits longer each time until a chunk goes through', async () => {
    const stack = await start();
    stack.cloud.refuse({ status: 503, times: 6 });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    const first = run(stack, meeting);
    expect(await failureOf(first.result)).toMatchObject({ type: 'WhisperUnavailable' });
    expect(first.beats.at(-1)).toMatchObject({ failuresInARow: 1, done: 0 });
    const second = run(stack, meeting, first.beats.at(-1));
    await failureOf(second.result);
    expect(second.beats.at(-1)).toMatchObject({ failuresInARow: 2 });
    const third = run(stack, meeting, second.beats.at(-1));
    await expect(third.result).resolves.toEqual({ done: 1, failed: 0 });
    expect(third.beats.at(-1)).toMatchObject({ failuresInARow: 0, done: 1 });
  });

  test('gives up what has waited for more than a day, and only while Whisper fails', async () => {
    const stack = await start({ apiKey: 'wrong' });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await db.query(
      `UPDATE audio_chunks SET acknowledged_at = now() - interval '25 hours' WHERE meeting_id = $1`,
      [meeting.meetingId],
    );
    await addChunk(stack, meeting, { seq: 2 });
    await failureOf(run(stack, meeting).result);
    await expect(readReasons(meeting)).resolves.toEqual(['pending_too_long', null]);
    const { pending, failed } = await countChunks(db, meeting.meetingId);
    expect({ pending, failed }).toEqual({ pending: 1, failed: 1 });
  });
});

describe('transcribeMeeting, when it is interrupted', () => {
  const LONG = { seq: 1, startMs: 0, endMs: 90_000, text: 'A long story.' };

  test('hands over at once when the worker shuts down, with the chunk still pending', async () => {
    const { worker, reached } = makeHeldWorker();
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    const { result, env } = run(stack, meeting);
    await reached(1);
    env.cancel('WORKER_SHUTDOWN');
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'WorkerShuttingDown', nonRetryable: false });
    expect(await countChunks(db, meeting.meetingId)).toMatchObject({ pending: 1, done: 0 });
  });

  test('resumes the job of a long chunk by its id instead of paying for another', async () => {
    const { worker, held } = makeHeldWorker();
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, LONG);
    await close(stack, meeting);
    const first = run(stack, meeting);
    await waitForJob(first.env, first.beats);
    first.env.cancel('WORKER_SHUTDOWN');
    await failureOf(first.result);
    const second = run(stack, meeting, first.beats.at(-1));
    held[0]?.answer();
    await expect(second.result).resolves.toEqual({ done: 1, failed: 0 });
    await expect(readTexts(meeting)).resolves.toEqual(['A long story.']);
    expect(stack.cloud.jobs).toHaveLength(1);
  });

  test('sends a long chunk again when its job is not known any more', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, LONG);
    await close(stack, meeting);
    const [chunk] = await db.prisma.audioChunk.findMany({
      where: { meetingId: meeting.meetingId },
    });
    const details = { jobs: { [String(chunk?.id)]: 'forgotten' } };
    await expect(run(stack, meeting, details).result).resolves.toEqual({ done: 1, failed: 0 });
    expect(stack.cloud.jobs).toHaveLength(1);
  });

  test('cancels its jobs when the transcription is cancelled', async () => {
    const stack = await start({ worker: makeHeldWorker().worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, LONG);
    const { result, env, beats } = run(stack, meeting);
    await waitForJob(env, beats);
    env.cancel('CANCELLED');
    await expect(result).rejects.toBeInstanceOf(CancelledFailure);
    expect(stack.cloud.jobs.map(({ status }) => status)).toEqual(['CANCELLED']);
  });
});
