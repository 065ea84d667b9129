import {
  startRunPodCloud,
  type RunPodCloud,
  type RunPodCloudOptions,
} from '../../test/runpod-cloud/server';
import { createRunPodClient, type RunPodClientOptions, type WhisperClient } from './client';
import type { WhisperInput } from './contract';

const INPUT: WhisperInput = { audio_base64: 'UklGRg==' };
const OUTPUT = {
  segments: [
    {
      id: 1,
      seek: 0,
      start: 0,
      end: 1.5,
      text: ' Good morning.',
      tokens: [1],
      temperature: 0,
      avg_logprob: -0.2,
      compression_ratio: 1.1,
      no_speech_prob: 0.01,
    },
  ],
  detected_language: 'en',
  transcription: 'Good morning.',
  translation: null,
  device: 'cuda',
  model: 'turbo',
};
const HEARD = {
  language: 'en',
  segments: [
    {
      startSeconds: 0,
      endSeconds: 1.5,
      text: ' Good morning.',
      avgLogprob: -0.2,
      compressionRatio: 1.1,
      noSpeechProb: 0.01,
    },
  ],
  words: [],
};

/** A worker whose jobs end when the test says so. */
function makeHeldWorker() {
  let release = (_result: Record<string, unknown>): void => {};
  const result = new Promise<Record<string, unknown>>((resolve) => (release = resolve));
  return { worker: () => result, release };
}

describe('createRunPodClient', () => {
  let cloud: RunPodCloud | undefined;
  afterEach(() => cloud?.close());

  async function start(
    options: Partial<RunPodCloudOptions> = {},
    clientOptions: Partial<RunPodClientOptions> = {},
  ): Promise<{ cloud: RunPodCloud; client: WhisperClient }> {
    cloud = await startRunPodCloud({ worker: () => Promise.resolve({ ...OUTPUT }), ...options });
    const client = createRunPodClient({
      baseUrl: cloud.url,
      apiKey: cloud.apiKey,
      pollDelaysMs: [1],
      ...clientOptions,
    });
    return { cloud, client };
  }

  test('gives the result of a job that ends in time', async () => {
    const { client } = await start();
    await expect(client.runSync(INPUT)).resolves.toEqual(HEARD);
  });

  test('reads word times with and without a probability', async () => {
    const word_timestamps = [
      { word: ' Good', start: 0, end: 0.4 },
      { word: ' morning.', start: 0.4, end: 1.5, probability: 0.9 },
    ];
    const { client } = await start({
      worker: () => Promise.resolve({ ...OUTPUT, word_timestamps }),
    });
    expect((await client.runSync(INPUT)).words).toEqual([
      { text: ' Good', startSeconds: 0, endSeconds: 0.4, probability: null },
      { text: ' morning.', startSeconds: 0.4, endSeconds: 1.5, probability: 0.9 },
    ]);
  });

  test('looks after a job by its id when runsync answers that it is still at work', async () => {
    const held = makeHeldWorker();
    const { cloud, client } = await start({ worker: held.worker, syncWaitMs: 1 });
    const looks: string[] = [];
    const watching = createRunPodClient({
      baseUrl: cloud.url,
      apiKey: cloud.apiKey,
      pollDelaysMs: [1],
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        looks.push(`${init?.method} ${String(url).includes('/status/sync-')}`);
        if (looks.length === 2) held.release({ ...OUTPUT });
        return response;
      },
    });
    await expect(watching.runSync(INPUT)).resolves.toEqual(HEARD);
    expect(looks.slice(0, 2)).toEqual(['POST false', 'GET true']);
    expect(client).toBeDefined();
  });

  test('sends a job, and another client resumes it by its id', async () => {
    const held = makeHeldWorker();
    const { cloud, client } = await start({ worker: held.worker });
    const jobId = await client.run(INPUT);
    const other = createRunPodClient({
      baseUrl: cloud.url,
      apiKey: cloud.apiKey,
      pollDelaysMs: [1],
    });
    const result = other.waitFor(jobId);
    held.release({ ...OUTPUT });
    await expect(result).resolves.toEqual(HEARD);
    expect(cloud.jobs).toHaveLength(1);
  });

  test('waits for a job that is queued behind another', async () => {
    const held = makeHeldWorker();
    const { cloud, client } = await start({ worker: held.worker, maxWorkers: 1 });
    await client.run(INPUT);
    const second = client.waitFor(await client.run(INPUT));
    expect(cloud.jobs.map(({ status }) => status)).toEqual(['IN_PROGRESS', 'IN_QUEUE']);
    held.release({ ...OUTPUT });
    await expect(second).resolves.toEqual(HEARD);
  });

  test('says that a job is lost when its result has expired', async () => {
    let nowMs = 0;
    const { client } = await start({ now: () => nowMs });
    const jobId = await client.run(INPUT);
    await client.waitFor(jobId);
    nowMs = 30 * 60_000;
    await expect(client.waitFor(jobId)).rejects.toMatchObject({ kind: 'job_lost' });
  });

  test('cancels a job, which whoever waits for it learns as a lost job', async () => {
    const { client } = await start({ worker: makeHeldWorker().worker });
    const jobId = await client.run(INPUT);
    await expect(client.cancel(jobId)).resolves.toBe(true);
    await expect(client.waitFor(jobId)).rejects.toMatchObject({ kind: 'job_lost' });
  });

  test('says that nothing was cancelled when the job is not known', async () => {
    const { client } = await start();
    await expect(client.cancel('unknown')).resolves.toBe(false);
  });

  test.each([
    [402, 'out_of_credit'],
    [403, 'unauthorized'],
    [500, 'worker_error'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'timeout'],
    [413, 'worker_error'],
  ])('turns HTTP %i into %s', async (status, kind) => {
    const { cloud, client } = await start();
    cloud.refuse({ status });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ name: 'WhisperError', kind });
  });

  test('says that a wrong key is refused', async () => {
    const { client } = await start({}, { apiKey: 'wrong' });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(client.check()).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('carries how long RunPod wants to be left alone', async () => {
    const { cloud, client } = await start();
    cloud.refuse({ status: 429, headers: { 'retry-after': '7' } });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 7_000,
    });
  });

  test.each([
    ['audio could not be decoded: InvalidDataError', 'bad_audio'],
    ['audio_base64 is not base64: Incorrect padding', 'bad_audio'],
    [
      '{"error_type": "<class \'av.error.InvalidDataError\'>", "error_message": "Invalid data found when processing input"}',
      'bad_audio',
    ],
    ['CUDA error: out of memory', 'worker_error'],
    [['model should be one of tiny, base'], 'worker_error'],
  ])('reads the worker’s error %j as %s', async (error, kind) => {
    const { client } = await start({ worker: () => Promise.resolve({ error }) });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind });
  });

  test('takes an error inside of a completed job’s output for a failure', async () => {
    const body = { id: '1', status: 'COMPLETED', output: { error: 'CUDA error' } };
    const client = createRunPodClient({
      baseUrl: 'http://whisper.test',
      fetch: () => Promise.resolve(Response.json(body)),
    });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind: 'worker_error' });
  });

  test.each([
    ['is not JSON', () => new Response('<html>')],
    ['is not a job', () => Response.json({ hello: 'world' })],
    ['knows no such status', () => Response.json({ id: '1', status: 'ODD' })],
  ])('counts an answer that %s as the worker’s error', async (_, respond) => {
    const client = createRunPodClient({
      baseUrl: 'http://whisper.test',
      fetch: () => Promise.resolve(respond()),
    });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind: 'worker_error' });
  });

  test('refuses an output that is not a faster-whisper worker’s', async () => {
    const { client } = await start({ worker: () => Promise.resolve({ text: 'hello' }) });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind: 'worker_error' });
  });

  test('says that a job took too long when RunPod ended it', async () => {
    const { cloud, client } = await start({ worker: makeHeldWorker().worker });
    const jobId = await client.run(INPUT);
    cloud.timeOut(jobId);
    await expect(client.waitFor(jobId)).rejects.toMatchObject({ kind: 'timeout' });
  });

  test('gives up waiting after its own time limit', async () => {
    const { client } = await start({ worker: makeHeldWorker().worker }, { jobTimeoutMs: 30 });
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind: 'timeout' });
    await expect(client.waitFor(await client.run(INPUT))).rejects.toMatchObject({
      kind: 'timeout',
    });
  });

  test('says that nothing answers when nothing listens', async () => {
    const { cloud, client } = await start();
    await cloud.close();
    await expect(client.runSync(INPUT)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(client.check()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('stops at once, with the caller’s reason, when it is aborted', async () => {
    const { client } = await start({ worker: makeHeldWorker().worker });
    const abort = new AbortController();
    const result = client.runSync(INPUT, abort.signal);
    abort.abort(new Error('the meeting was deleted'));
    await expect(result).rejects.toThrow('the meeting was deleted');
  });

  test('finds a healthy endpoint without starting a job', async () => {
    const { cloud, client } = await start();
    await client.check();
    expect(cloud.jobs).toHaveLength(0);
  });
});
