import { AudioNotFoundError, makeMeetingPrefix } from '../infra/audio-store';
import type { AudioStore } from '../infra/audio-store';

const TOMORROW = () => new Date(Date.now() + 86_400_000);

async function collect(keys: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const key of keys) all.push(key);
  return all.sort();
}

/** What every audio store promises; `open` gives one that nobody else writes to. */
export function describeAudioStore(name: string, open: () => AudioStore): void {
  let store: AudioStore;
  let meetingId = 0;
  let key: string;
  const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);

  beforeEach(() => {
    store = open();
    meetingId += 1;
    key = `${makeMeetingPrefix(meetingId)}1/audio-1/00000001-0123456789abcdef.wav`;
  });

  describe(name, () => {
    test('gives back the bytes that were put', async () => {
      await store.put(key, bytes);
      expect(Buffer.from(await store.get(key))).toEqual(bytes);
    });

    test('gives back a chunk of the largest size unharmed', async () => {
      const large = Buffer.alloc(1024 * 1024, 'meeting ');
      await store.put(key, large);
      expect(large.equals(await store.get(key))).toBe(true);
    });

    test('replaces the whole object when a key is put again', async () => {
      await store.put(key, Buffer.alloc(100));
      await store.put(key, bytes);
      expect(Buffer.from(await store.get(key))).toEqual(bytes);
    });

    test('keeps one of the objects whole when a key is put by many at once', async () => {
      const bodies = Array.from({ length: 8 }, (_, index) => Buffer.alloc(50_000, index + 1));
      await Promise.all(bodies.map((body) => store.put(key, body)));
      const kept = Buffer.from(await store.get(key));
      expect(bodies.some((body) => body.equals(kept))).toBe(true);
    });

    test('gives back a stretch of the bytes, both ends included', async () => {
      await store.put(key, bytes);
      expect(Buffer.from(await store.getRange(key, 1, 3))).toEqual(bytes.subarray(1, 4));
      expect(Buffer.from(await store.getRange(key, 5, 5))).toEqual(bytes.subarray(5));
    });

    test('says that there is no audio when a key was never put', async () => {
      await expect(store.getRange(key, 0, 1)).rejects.toThrow(AudioNotFoundError);
      await expect(store.get(key)).rejects.toThrow(AudioNotFoundError);
    });

    test('says that there is no audio once a key is deleted', async () => {
      await store.put(key, bytes);
      await store.delete(key);
      await expect(store.get(key)).rejects.toThrow(AudioNotFoundError);
    });

    test('takes the deletion of a key that is not there as done', async () => {
      await expect(store.delete(key)).resolves.toBeUndefined();
    });

    test('deletes everything of one meeting and nothing of a meeting whose id begins alike', async () => {
      const other = `${makeMeetingPrefix(Number(`${meetingId}0`))}1/a/1.wav`;
      await store.put(other, bytes);
      await Promise.all([1, 2, 3].map((seq) => store.put(`${key}-${seq}`, bytes)));
      expect(await store.deletePrefix(makeMeetingPrefix(meetingId))).toBe(3);
      expect(await collect(store.list(makeMeetingPrefix(meetingId), TOMORROW()))).toEqual([]);
      expect(Buffer.from(await store.get(other))).toEqual(bytes);
    });

    test('counts nothing when a meeting without audio is deleted', async () => {
      expect(await store.deletePrefix(makeMeetingPrefix(meetingId))).toBe(0);
    });

    test('takes audio again after its meeting was deleted', async () => {
      await store.put(key, bytes);
      await store.deletePrefix(makeMeetingPrefix(meetingId));
      await store.put(key, bytes);
      expect(Buffer.from(await store.get(key))).toEqual(bytes);
    });

    test('lists the keys under a prefix that are older than asked', async () => {
      const keys = [1, 2, 3].map((seq) => `${key}-${seq}`);
      await Promise.all(keys.map((each) => store.put(each, bytes)));
      const prefix = makeMeetingPrefix(meetingId);
      expect(await collect(store.list(prefix, TOMORROW()))).toEqual(keys);
      expect(await collect(store.list(prefix, new Date(0)))).toEqual([]);
    });

    test.each([
      '../outside.wav',
      '/etc/passwd',
      'meetings//1.wav',
      'meetings/./1.wav',
      '',
      '.tmp/1',
    ])('refuses the key %j', async (wrong) => {
      await expect(store.put(wrong, bytes)).rejects.toThrow('Expected a key');
      await expect(store.get(wrong)).rejects.toThrow('Expected a key');
    });

    test('refuses to delete a prefix that could mean another meeting as well', async () => {
      await expect(store.deletePrefix('meetings/1')).rejects.toThrow('ends in a slash');
      await expect(store.deletePrefix('meetings/../')).rejects.toThrow('Expected a key');
    });

    test('finds itself ready to be written to', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });
  });
}
