import { RecordWork } from './record-work';
import type { Recorder, RecorderState } from './recorder';
import type { UploadQueue } from './upload-queue';

function makeRecorder(phase: RecorderState['phase']) {
  const recorder = {
    subscribe: () => () => undefined,
    read: () => ({ phase }),
    recover: jest.fn(async () => undefined),
    dispose: jest.fn(async () => undefined),
    isFragile: () => phase === 'recording',
  };
  return { recorder: recorder as unknown as Recorder, ...recorder };
}

function makeQueue(unsent: number) {
  const listeners: (() => void)[] = [];
  const queue = {
    subscribe: (listener: () => void) => {
      listeners.push(listener);
      return () => undefined;
    },
    countUnsent: () => unsent,
    isFragile: () => unsent > 0,
    dispose: jest.fn(),
  };
  const change = (): void => listeners.forEach((listener) => listener());
  return { queue: queue as unknown as UploadQueue, change, dispose: queue.dispose };
}

test('keeps one recorder and one queue, whichever page asks for them', () => {
  const work = new RecordWork();
  const made = makeRecorder('idle');
  work.needRecorder(1, () => made.recorder);
  work.needRecorder(1, () => makeRecorder('idle').recorder);
  expect(work.readRecorder()).toBe(made.recorder);
  expect(made.recover).toHaveBeenCalledTimes(1);
  const { queue } = makeQueue(0);
  work.needQueue(1, () => queue);
  work.needQueue(1, () => makeQueue(0).queue);
  expect(work.readQueue()).toBe(queue);
});

test('makes others after it was closed: React tries every effect twice while one develops', () => {
  const work = new RecordWork();
  const first = makeRecorder('idle');
  work.needRecorder(1, () => first.recorder);
  work.close();
  expect(first.dispose).toHaveBeenCalledTimes(1);
  const second = makeRecorder('idle');
  work.needRecorder(1, () => second.recorder);
  expect(work.readRecorder()).toBe(second.recorder);
});

test('gives nothing of one user to another', () => {
  const work = new RecordWork();
  const first = makeRecorder('recording');
  const uploads = makeQueue(3);
  work.needRecorder(1, () => first.recorder);
  work.needQueue(1, () => uploads.queue);
  const second = makeRecorder('idle');
  work.needRecorder(2, () => second.recorder);
  expect(first.dispose).toHaveBeenCalledTimes(1);
  expect(uploads.dispose).toHaveBeenCalledTimes(1);
  expect([work.readRecorder(), work.readQueue()]).toEqual([second.recorder, null]);
});

test('tells only what changed of what goes on, and whether leaving would lose it', () => {
  const work = new RecordWork();
  const { queue, change } = makeQueue(2);
  work.needQueue(1, () => queue);
  const told = jest.fn();
  work.subscribe(told);
  change();
  change();
  expect(told).toHaveBeenCalledTimes(1);
  expect(work.readActivity()).toEqual({ recorder: 'idle', unsentFiles: 2 });
  expect(work.isFragile()).toBe(true);
});
