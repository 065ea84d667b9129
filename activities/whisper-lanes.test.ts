import type { Heard } from '../domain/transcription';
import { createWhisperLanes } from './whisper-lanes';

/** Notes in which order jobs begin; each ends when the test says so. */
function openLanes(concurrency: number) {
  const lanes = createWhisperLanes(concurrency);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const heard: Heard = { segments: [], words: [], language: null };
  const ask = (name: string, isOfFile: boolean): Promise<Heard> =>
    lanes.hear({ isOfFile }, new AbortController().signal, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(heard)));
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { begun, ask, settle, end: (name: string) => ends.get(name)?.() };
}

describe('the lanes to Whisper', () => {
  test('keep one place free for calls, however many chunks of files wait', async () => {
    const { begun, ask, settle } = openLanes(3);
    for (const name of ['file 1', 'file 2', 'file 3']) void ask(name, true);
    await settle();
    expect(begun).toEqual(['file 1', 'file 2']);
    void ask('call', false);
    await settle();
    expect(begun).toEqual(['file 1', 'file 2', 'call']);
  });

  test('send a call before a file that has waited longer', async () => {
    const { begun, ask, settle, end } = openLanes(1);
    void ask('file 1', true);
    await settle();
    void ask('file 2', true);
    void ask('call', false);
    end('file 1');
    await settle();
    await settle();
    expect(begun).toEqual(['file 1', 'call']);
  });

  test('give calls all places while there are no files', async () => {
    const { begun, ask, settle } = openLanes(2);
    void ask('call 1', false);
    void ask('call 2', false);
    await settle();
    expect(begun).toEqual(['call 1', 'call 2']);
  });
});
