import { ApplicationFailure } from '@temporalio/common';
import { openTheatre, type Theatre } from '../test/stage';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

describe('a meeting that goes well', () => {
  test('is attended, drained, completed and analysed, in this order', async () => {
    const stage = theatre.openStage();
    const outcome = await stage.start();
    expect(outcome).toMatchObject({ kind: 'carried_out', result: { status: 'joining' } });
    await stage.called('watchBot');
    await stage.report('joining', 'waiting_room', 'in_meeting');
    expect(stage.status).toBe('live');
    stage.end('meeting_ended');
    await expect(stage.workflow.result()).resolves.toEqual({
      status: 'completed',
      reason: 'meeting_ended',
      attempt: 1,
    });
    const story = stage.calls.map((call) => call.split(' ')[0]);
    const chapters = [
      'beginAttempt',
      'launchBot',
      'watchBot',
      'awaitLastChunks',
      'closeIntake',
      'awaitTranscribed',
      'beginAnalysis',
    ];
    const places = chapters.map((chapter) => story.indexOf(chapter));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stage.projections.map((each) => each.status)).toEqual([
      'joining',
      'joining',
      'joining',
      'live',
      'processing',
      'completed',
    ]);
  });
});
