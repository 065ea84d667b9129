import { markMeetingDeleted } from '../infra/database/meetings';
import { createMemoryDoorbell } from '../test/factories';
import {
  addChunk,
  type Answer,
  close,
  db,
  failureOf,
  makeHeldWorker,
  makeMeeting,
  readReasons,
  readTexts,
  readTranscript,
  run,
  speak,
  start,
  textOf,
  useTranscription,
  waitForText,
} from '../test/transcription-stage';

useTranscription();

describe('transcribeMeeting', () => {
  test('writes the words of every pending chunk on the meeting’s clock and returns the counts', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3]) await addChunk(stack, meeting, { seq });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 3, failed: 0 });
    const transcript = await readTranscript(meeting);
    expect(transcript.map(({ startMs, text }) => [startMs, text]).sort()).toEqual([
      [1_200, 'Sentence 1.'],
      [2_200, 'Sentence 2.'],
      [3_200, 'Sentence 3.'],
    ]);
    expect(transcript[0]?.words).toHaveLength(1);
  });

  test('returns at once for a meeting without chunks', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 0, failed: 0 });
  });

  test('takes chunks that arrive while it runs, until the intake is closed', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    const { result } = run(stack, meeting);
    await addChunk(stack, meeting, { seq: 1 });
    await waitForText(stack, meeting, 'Sentence 1.');
    await addChunk(stack, meeting, { seq: 2 });
    await waitForText(stack, meeting, 'Sentence 2.');
    await close(stack, meeting);
    await expect(result).resolves.toEqual({ done: 2, failed: 0 });
  });

  test('finds chunks and a closed intake by looking when no ring arrives', async () => {
    const stack = await start({ pollIntervalMs: 5 });
    const deaf = { ...stack, doorbell: createMemoryDoorbell() };
    const meeting = await makeMeeting();
    const { result } = run(stack, meeting);
    await addChunk(deaf, meeting, { seq: 1 });
    await close(deaf, meeting);
    await expect(result).resolves.toEqual({ done: 1, failed: 0 });
  });

  test('transcribes a long inbox to its end, in the order of arrival', async () => {
    const stack = await start({ windowPerMeeting: 1 });
    const meeting = await makeMeeting();
    const seqs = Array.from({ length: 40 }, (_, index) => index + 1);
    for (const seq of seqs) await addChunk(stack, meeting, { seq });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 40, failed: 0 });
    await expect(readTexts(meeting)).resolves.toEqual(seqs.map((seq) => `Sentence ${seq}.`));
  });

  test('has at most a window of one meeting’s chunks in flight', async () => {
    const { worker, held, reached } = makeHeldWorker();
    const stack = await start({ worker, windowPerMeeting: 2 });
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3]) await addChunk(stack, meeting, { seq });
    await close(stack, meeting);
    const { result } = run(stack, meeting);
    await reached(2);
    expect(held.map(({ text }) => text).sort()).toEqual(['Sentence 1.', 'Sentence 2.']);
    held[0]?.answer();
    await reached(3);
    held.forEach(({ answer }) => answer());
    await expect(result).resolves.toEqual({ done: 3, failed: 0 });
  });

  test('keeps to the limit of the process over all its meetings', async () => {
    const { worker, held, reached } = makeHeldWorker();
    const stack = await start({ worker, concurrency: 1 });
    const meetings = [await makeMeeting(), await makeMeeting()];
    for (const meeting of meetings) {
      await addChunk(stack, meeting, { seq: 1 });
      await close(stack, meeting);
    }
    const results = meetings.map((meeting) => run(stack, meeting).result);
    await reached(1);
    expect(held).toHaveLength(1);
    held[0]?.answer();
    await reached(2);
    held[1]?.answer();
    await expect(Promise.all(results)).resolves.toHaveLength(2);
  });

  test('writes each chunk once when two workers transcribe the same meeting', async () => {
    const audio = new Map<string, Buffer>();
    const stacks = [await start({ audio }), await start({ audio })] as const;
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3, 4, 5]) await addChunk(stacks[0], meeting, { seq });
    await close(stacks[0], meeting);
    const counts = await Promise.all(stacks.map((stack) => run(stack, meeting).result));
    expect(counts).toEqual([
      { done: 5, failed: 0 },
      { done: 5, failed: 0 },
    ]);
    await expect(readTexts(meeting)).resolves.toHaveLength(5);
  });

  test('finishes a chunk of silence without text and counts what was dropped', async () => {
    const silence = { ...speak('Thank you.') };
    silence['segments'] = [
      { start: 0, end: 1, text: ' Thank you.', avg_logprob: -1.5, no_speech_prob: 0.9 },
    ];
    const stack = await start({ worker: () => Promise.resolve(silence) });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
    await expect(readTexts(meeting)).resolves.toEqual([]);
    expect(await stack.registry.metrics()).toContain(
      'transcription_segments_dropped_total{cause="silence"} 1',
    );
  });

  test('asks for the configured model and the meeting’s language without its region', async () => {
    const stack = await start({ model: 'turbo' });
    const meeting = await makeMeeting();
    await db.prisma.meeting.update({
      where: { id: meeting.meetingId },
      data: { language: 'de-CH' },
    });
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    await run(stack, meeting).result;
    expect(stack.cloud.jobs[0]?.input).toMatchObject({
      model: 'turbo',
      language: 'de',
      word_timestamps: true,
      enable_vad: true,
    });
  });

  test('tells counts and nothing of what was said in its heartbeat', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await close(stack, meeting);
    const { result, beats } = run(stack, meeting, { done: 7, failed: 2 });
    await result;
    expect(beats.at(-1)).toEqual({
      done: 8,
      failed: 2,
      pending: 0,
      lagMs: 0,
      jobs: {},
      failuresInARow: 0,
    });
  });

  test('stops for good when the meeting is deleted', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    await markMeetingDeleted(db, meeting);
    const failure = await failureOf(run(stack, meeting).result);
    expect(failure).toMatchObject({ type: 'MeetingDeleted', nonRetryable: true });
    expect(stack.cloud.jobs).toHaveLength(0);
  });
});

describe('transcribeMeeting, when a chunk is bad', () => {
  test('gives up audio that is not audio and goes on with the rest', async () => {
    const worker = (input: unknown): Promise<Answer> =>
      Promise.resolve(
        textOf(input) === 'noise'
          ? { error: 'audio could not be decoded: InvalidDataError' }
          : speak(textOf(input)),
      );
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1, text: 'noise' });
    await addChunk(stack, meeting, { seq: 2 });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual(['bad_audio', null]);
  });

  test('gives up a chunk whose audio is gone', async () => {
    const stack = await start();
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    stack.audio.clear();
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 0, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual(['audio_missing']);
  });

  test('gives up a chunk that failed in five attempts while Whisper was well', async () => {
    const worker = (input: unknown): Promise<Answer> =>
      Promise.resolve(textOf(input) === 'poison' ? { error: 'CUDA error' } : speak('Good.'));
    const stack = await start({ worker });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1, text: 'poison' });
    await addChunk(stack, meeting, { seq: 2 });
    await close(stack, meeting);
    for (const _ of [1, 2, 3, 4]) {
      const failure = await failureOf(run(stack, meeting).result);
      expect(failure).toMatchObject({ type: 'ChunkFailed', nonRetryable: false });
    }
    await expect(readReasons(meeting)).resolves.toEqual([null, null]);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual(['worker_error', null]);
  });

  test('blames no chunk while Whisper fails on a second of silence too', async () => {
    const stack = await start({ worker: () => Promise.resolve({ error: 'CUDA error' }) });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { seq: 1 });
    const failure = await failureOf(run(stack, meeting).result);
    expect(failure).toMatchObject({ type: 'WhisperUnavailable', nonRetryable: false });
    const chunk = await db.prisma.audioChunk.findFirst({ where: { meetingId: meeting.meetingId } });
    expect(chunk).toMatchObject({ status: 'pending', failedAttempts: 0 });
  });
});
