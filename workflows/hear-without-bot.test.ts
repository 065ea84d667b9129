import type { Stage } from '../test/stage';
import { openTheatre, type Theatre } from '../test/theatre';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

const story = (stage: Stage): string[] =>
  stage.calls.map((call) => call.split(' ')[0] ?? '').filter((name) => name !== 'projectMeeting');

describe('a meeting that a browser records', () => {
  async function openRecorded(timing?: Parameters<Theatre['openStage']>[0]): Promise<Stage> {
    const stage = theatre.openStage(timing);
    await stage.hear('recorder');
    await stage.called('watchRecorder');
    return stage;
  }

  test('is live until it is finished, then drained, completed and analysed', async () => {
    const stage = await openRecorded();
    await stage.until(() => stage.status === 'live');
    stage.endRecorder('recording_finished');
    await expect(stage.workflow.result()).resolves.toEqual({
      status: 'completed',
      reason: 'recording_finished',
      attempt: null,
    });
    expect(story(stage)).toEqual([
      'watchRecorder',
      'endHearing',
      'awaitLastChunks',
      'closeIntake',
      'awaitTranscribed',
      'beginAnalysis',
    ]);
    expect(stage.projections.map(({ status }) => status)).toEqual([
      'live',
      'processing',
      'completed',
    ]);
  });

  test('ends with its reason when the recorder vanishes', async () => {
    const stage = await openRecorded();
    stage.endRecorder('recorder_lost');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'completed',
      reason: 'recorder_lost',
    });
  });

  test('is finished by a stop from elsewhere', async () => {
    const stage = await openRecorded();
    await expect(stage.stop()).resolves.toMatchObject({ kind: 'carried_out' });
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'recording_finished' });
    expect(stage.calls).toContain('endHearing recording_finished');
  });

  test('ends once it has lasted as long as any meeting may', async () => {
    const stage = await openRecorded({ longestMeetingMs: 300 });
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'time_limit' });
  });

  test('is started once, however often that is asked for', async () => {
    const stage = await openRecorded();
    await stage.hear('recorder');
    stage.endRecorder('recording_finished');
    await stage.workflow.result();
    expect(stage.countCalls('watchRecorder')).toBe(1);
  });

  test('is drained when its workflow is cancelled', async () => {
    const stage = await openRecorded();
    await stage.workflow.cancel();
    await expect(stage.workflow.result()).rejects.toThrow();
    expect(story(stage)).toContain('awaitTranscribed');
    expect(stage.projections.at(-1)).toMatchObject({ status: 'cancelled' });
  });

  test('is left alone once it is deleted', async () => {
    const stage = await openRecorded();
    stage.isDeleted = true;
    stage.changed();
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'deleted' });
    expect(story(stage)).not.toContain('beginAnalysis');
  });
});

describe('a meeting that is made of a file', () => {
  async function openFile(prepare: (stage: Stage) => void = () => undefined): Promise<Stage> {
    const stage = theatre.openStage();
    prepare(stage);
    await stage.hear('upload');
    await stage.called('decodeUpload');
    return stage;
  }

  test('is decoded, transcribed step by step, completed and analysed', async () => {
    const stage = await openFile();
    await expect(stage.workflow.result()).resolves.toEqual({
      status: 'completed',
      reason: null,
      attempt: null,
    });
    expect(stage.calls.filter((call) => !call.startsWith('projectMeeting'))).toEqual([
      'decodeUpload',
      'closeIntake',
      'followUpload 0',
      'followUpload 40',
      'beginAnalysis',
    ]);
    expect(stage.projections.map(({ status }) => status)).toEqual(['processing', 'completed']);
  });

  test('shows operators how far it is', async () => {
    const stage = await openFile();
    stage.hold('followUpload');
    await stage.called('followUpload');
    stage.release('followUpload');
    await stage.workflow.result();
    expect(await stage.readDetails()).toContain('**Progress:** 100 %');
  });

  test.each(['not_audio', 'audio_too_long', 'decoding_failed'] as const)(
    'fails with %s when that is what decoding found',
    async (reason) => {
      const stage = await openFile((each) => (each.decoded = { kind: 'unusable', reason }));
      await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'failed', reason });
      expect(stage.calls).toContain(`giveUpUpload failed ${reason}`);
      expect(story(stage)).not.toContain('beginAnalysis');
    },
  );

  test.each(['decodeUpload', 'followUpload'] as const)(
    'is given up at once when it is cancelled during %s',
    async (activity) => {
      const stage = await openFile((each) => each.hold(activity));
      await stage.called(activity);
      await stage.stop();
      await expect(stage.workflow.result()).resolves.toMatchObject({
        status: 'cancelled',
        reason: 'upload_cancelled',
      });
      expect(stage.calls).toContain('giveUpUpload cancelled upload_cancelled');
    },
  );
});
