import { describeAudioStore } from '../test/audio-store-contract';
import { startS3Server } from '../test/s3-server';
import { createS3AudioStore } from './audio-store-s3';

let server: Awaited<ReturnType<typeof startS3Server>>;

// The first run on a machine installs the server.
beforeAll(async () => {
  server = await startS3Server();
}, 180_000);
afterAll(() => server?.close());

describeAudioStore('the audio store on S3', () => createS3AudioStore(server.config));

describe('the audio store on S3, on its own', () => {
  test('fails its check when the secret is wrong', async () => {
    const store = createS3AudioStore({ ...server.config, secretAccessKey: 'wrong' });
    await expect(store.check()).rejects.toThrow(/signature/i);
  });

  test('does not take a missing bucket for missing audio', async () => {
    const store = createS3AudioStore({ ...server.config, bucket: 'elsewhere' });
    await expect(store.get('meetings/1/1/a/1.wav')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('deletes more keys than fit on one page of the list', async () => {
    const store = createS3AudioStore(server.config);
    const keys = Array.from({ length: 1_005 }, (_, index) => `meetings/900/${index}.wav`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, Buffer.from('x'))));
    }
    expect(await store.deletePrefix('meetings/900/')).toBe(1_005);
  }, 60_000);
});
