import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Segment } from '../domain/segment';
import { recordParticipants } from '../infra/database/participants';
import { bindSources } from '../infra/database/sound-sources';
import { createRunPodClient } from '../infra/runpod/client';
import { forwardTo } from '../test/runpod-cloud/server';
import { getWhisperUrl } from '../test/whisper-url';
import {
  addChunk,
  type Answer,
  close,
  db,
  failureOf,
  makeHeldWorker,
  makeMeeting,
  type Meeting,
  readReasons,
  readTexts,
  readTranscript,
  run,
  speak,
  start,
  type Started,
  useTranscription,
} from '../test/transcription-stage';

useTranscription();

describe('transcribeMeeting, with the real worker', () => {
  /** A stretch of a 16 kHz mono 16-bit WAV as a WAV of its own. */
  function cutWav(name: string, startMs: number, endMs: number): Buffer {
    const wav = readFileSync(path.join(__dirname, '../test/audio', name));
    const audio = wav.subarray(44 + startMs * 32, 44 + endMs * 32);
    const header = Buffer.from(wav.subarray(0, 44));
    header.writeUInt32LE(36 + audio.length, 4);
    header.writeUInt32LE(audio.length, 40);
    return Buffer.concat([header, audio]);
  }

  async function transcribe(stack: Started): Promise<Segment[]> {
    const meeting = await makeMeeting();
    const spans = [
      { seq: 1, startMs: 8_000, endMs: 14_900 },
      { seq: 2, startMs: 19_000, endMs: 24_400 },
    ];
    for (const span of spans) {
      const text = cutWav('standup-jonas.wav', span.startMs, span.endMs);
      await addChunk(stack, meeting, { ...span, text });
    }
    await addChunk(stack, meeting, { seq: 3, text: 'this is not audio' });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 2, failed: 1 });
    await expect(readReasons(meeting)).resolves.toEqual([null, null, 'bad_audio']);
    return readTranscript(meeting);
  }

  function expectSpeech(transcript: Segment[]): void {
    const inOrder = [...transcript].sort((a, b) => a.startMs - b.startMs);
    const text = inOrder.map((segment) => segment.text).join(' ');
    expect(text).toMatch(/payment page is finished/i);
    expect(text).toMatch(/decided to release on Tuesday/i);
    const words = inOrder.flatMap((segment) => segment.words ?? []);
    const tuesday = words.find((word) => /tuesday/i.test(word.text));
    expect(tuesday?.startMs).toBeGreaterThan(20_000);
    expect(tuesday?.endMs).toBeLessThan(23_500);
    expect(words.every(({ confidence }) => confidence !== null && confidence > 0)).toBe(true);
  }

  test('hears real speech through the SDK’s local server', async () => {
    const whisper = createRunPodClient({ baseUrl: getWhisperUrl() });
    expectSpeech(await transcribe(await start({ whisper })));
  });

  test('hears real speech through the cloud’s API', async () => {
    expectSpeech(await transcribe(await start({ worker: forwardTo(getWhisperUrl()) })));
  });

  test('sends a long recording as a job to the SDK’s local server', async () => {
    const whisper = createRunPodClient({ baseUrl: getWhisperUrl() });
    const stack = await start({ whisper });
    const meeting = await makeMeeting();
    const text = cutWav('librivox.wav', 0, 24_000);
    await addChunk(stack, meeting, { seq: 1, startMs: 0, endMs: 61_000, text });
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
    expect((await readTexts(meeting)).join(' ')).toMatch(/amiable/i);
  });

  test('gives each of two voices in one mix their own words', async () => {
    const from = { startMs: 1_000, endMs: 24_400 };
    const [maya, jonas] = ['standup-maya.wav', 'standup-jonas.wav'].map((name) =>
      cutWav(name, from.startMs, from.endMs),
    );
    if (!maya || !jonas) throw new Error('Expected two recordings');
    const mix = Buffer.from(maya);
    for (let at = 44; at < mix.length; at += 2) {
      const sum = maya.readInt16LE(at) + jonas.readInt16LE(at);
      mix.writeInt16LE(Math.min(Math.max(sum, -32_768), 32_767), at);
    }
    const standup = readFileSync(path.join(__dirname, '../test/audio/standup.json'), 'utf8');
    const { utterances } = JSON.parse(standup) as {
      utterances: { speaker: string; startMs: number; endMs: number }[];
    };
    const spans = utterances
      .filter(({ endMs }) => endMs < from.endMs)
      .map(({ speaker, startMs, endMs }) => ({
        source: speaker,
        startMs: startMs - from.startMs,
        endMs: endMs - from.startMs,
      }));
    const stack = await start({ whisper: createRunPodClient({ baseUrl: getWhisperUrl() }) });
    const meeting = await makeMeeting();
    for (const key of ['Maya', 'Jonas']) {
      const change = { key, name: key, change: 'joined' as const, atMs: 1 };
      await recordParticipants(db, meeting.attempt, [change]);
    }
    await addChunk(stack, meeting, { ...from, seq: 1, participantKey: null, spans, text: mix });
    await close(stack, meeting);
    await run(stack, meeting).result;
    const transcript = await readTranscript(meeting);
    const wordsOf = (name: string): string =>
      transcript.flatMap(({ speaker, text }) => (speaker?.name === name ? [text] : [])).join(' ');
    expect(wordsOf('Maya')).toMatch(/good morning.*payment page.*thank you.*new version/is);
    expect(wordsOf('Jonas')).toMatch(/security review.*thursday.*release on tuesday/is);
    expect(wordsOf('Maya')).not.toMatch(/security|tuesday/i);
    expect(wordsOf('Jonas')).not.toMatch(/morning|next week/i);
  });
});

describe('transcribeMeeting, with mixed sound', () => {
  const MIX = {
    seq: 1,
    participantKey: null,
    spans: [
      { source: 'csrc-1', startMs: 0, endMs: 450 },
      { source: 'csrc-2', startMs: 450, endMs: 900 },
    ],
  };
  const WORDS = ['Ready?', 'Yes,', 'I', 'am.'];
  const answer: Answer = {
    ...speak(WORDS.join(' ')),
    word_timestamps: WORDS.map((word, index) => ({
      word: ` ${word}`,
      start: index === 0 ? 0.2 : 0.4 + index * 0.1,
      end: index === 0 ? 0.45 : 0.5 + index * 0.1,
      probability: 0.9,
    })),
  };

  const readSpeakers = async (meeting: Meeting): Promise<[string, string | null][]> =>
    (await readTranscript(meeting))
      .map(({ text, speaker }): [string, string | null] => [text, speaker?.name ?? null])
      .sort();

  async function nameSource(meeting: Meeting, source: string, name: string): Promise<void> {
    const change = { key: name, name, change: 'joined' as const, atMs: 1 };
    await recordParticipants(db, meeting.attempt, [change]);
    await bindSources(db, meeting.attempt, [{ source, participantKey: name }]);
  }

  test('splits a chunk where its source changes, and names what is known before and after', async () => {
    const stack = await start({ worker: () => Promise.resolve(answer) });
    const meeting = await makeMeeting();
    await nameSource(meeting, 'csrc-1', 'Maya');
    await addChunk(stack, meeting, MIX);
    await close(stack, meeting);
    await expect(run(stack, meeting).result).resolves.toEqual({ done: 1, failed: 0 });
    await expect(readSpeakers(meeting)).resolves.toEqual([
      ['Ready?', 'Maya'],
      ['Yes, I am.', null],
    ]);
    await nameSource(meeting, 'csrc-2', 'Jonas');
    await expect(readSpeakers(meeting)).resolves.toEqual([
      ['Ready?', 'Maya'],
      ['Yes, I am.', 'Jonas'],
    ]);
  });

  test('names nobody in a mix of which nothing is known', async () => {
    const stack = await start({ worker: () => Promise.resolve(answer) });
    const meeting = await makeMeeting();
    await addChunk(stack, meeting, { ...MIX, spans: null });
    await close(stack, meeting);
    await run(stack, meeting).result;
    await expect(readSpeakers(meeting)).resolves.toEqual([['Ready? Yes, I am.', null]]);
  });

  test('neither loses nor repeats a segment when one worker is killed and two others go on', async () => {
    const { worker, held, reached } = makeHeldWorker();
    const audio = new Map<string, Buffer>();
    const killed = await start({ worker, audio });
    const meeting = await makeMeeting();
    for (const seq of [1, 2, 3, 4, 5, 6]) await addChunk(killed, meeting, { ...MIX, seq });
    const first = run(killed, meeting);
    await reached(4);
    held[0]?.answer(answer);
    await reached(5);
    first.env.cancel('WORKER_SHUTDOWN');
    await failureOf(first.result);
    const others = await Promise.all(
      [1, 2].map(() => start({ worker: () => Promise.resolve(answer), audio })),
    );
    for (const each of others) await close(each, meeting);
    await Promise.all([
      ...others.map((each) => run(each, meeting).result),
      nameSource(meeting, 'csrc-1', 'Maya'),
      nameSource(meeting, 'csrc-2', 'Jonas'),
    ]);
    await expect(readSpeakers(meeting)).resolves.toEqual([
      ...Array.from({ length: 6 }, () => ['Ready?', 'Maya']),
      ...Array.from({ length: 6 }, () => ['Yes, I am.', 'Jonas']),
    ]);
  });
});
