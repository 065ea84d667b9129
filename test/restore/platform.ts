import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Meeting } from '../../domain/api';
import type { StartedRecorder } from '../../domain/recorders';
import type { SearchPage } from '../../domain/search';
import { encodeWav } from '../../domain/wav';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { findStackDir } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { startStack, type Stack } from '../../temporal-dev/stack';
import { getRedisUrl } from '../redis-url';
import { getTemporalAddress } from '../temporal';
import { readWavSamples } from '../wav-file';

/** One chunk of a recording, in milliseconds. */
const CHUNK_MS = 6_000;
const SAMPLES_PER_MS = 16;

/** API and workers on databases of the caller's, in a folder that outlives them. */
export class Platform {
  private token = '';

  private constructor(private readonly stack: Stack) {}

  static async start(directory: string, env: Record<string, string>): Promise<Platform> {
    const { CHROMIUM_PATH, FFMPEG_PATH, PATH, HOME, WHISPER_URL } = process.env;
    const stack = await startStack({
      dir: path.join(directory, 'platform'),
      toolsDir: path.join(findStackDir(process.env), 'tools'),
      ports: await findFreePorts(),
      parts: ['postgres', 'redis', 'temporal', 'whisper', 'api', 'workers'],
      env: {
        ...{ CHROMIUM_PATH, FFMPEG_PATH, PATH, HOME, WHISPER_URL },
        // the tests' own, in a corner of its own
        ...{ REDIS_URL: `${getRedisUrl()}/9`, TEMPORAL_ADDRESS: getTemporalAddress() },
        ...env,
      },
      log: () => undefined,
    });
    const platform = new Platform(stack);
    platform.token = await new DemoApiClient(stack.env.API_URL ?? '').signIn('maya@example.org');
    return platform;
  }

  stop(): Promise<void> {
    return this.stack.stop();
  }

  async call(method: string, route: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.stack.env.API_URL}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${said}`);
    return said === '' ? undefined : JSON.parse(said);
  }

  async readMeeting(id: number): Promise<Meeting> {
    return (await this.call('GET', `/api/meetings/${id}`)) as Meeting;
  }

  async startRecorder(title: string): Promise<number> {
    const body = { title, language: 'en' };
    const { meeting } = (await this.call('POST', '/api/recorders', body)) as StartedRecorder;
    return meeting.id;
  }

  /** Sends some chunks of a recording, the first of which is number 1. */
  async record(id: number, file: string, [first, last]: [number, number]): Promise<void> {
    const samples = readWavSamples(file);
    for (let seq = first; seq <= last; seq += 1) {
      const [startMs, endMs] = [(seq - 1) * CHUNK_MS, seq * CHUNK_MS];
      const wav = encodeWav(samples.subarray(startMs * SAMPLES_PER_MS, endMs * SAMPLES_PER_MS));
      const route = `/api/meetings/${id}/chunks/microphone/${seq}`;
      const answer = await fetch(`${this.stack.env.API_URL}${route}`, {
        method: 'PUT',
        headers: {
          ...{ authorization: `Bearer ${this.token}`, 'content-type': 'audio/wav' },
          ...{ 'x-chunk-start-ms': String(startMs), 'x-chunk-end-ms': String(endMs) },
          'x-chunk-captured-at': String(Date.now()),
          'x-chunk-sha256': createHash('sha256').update(wav).digest('hex'),
        },
        body: Buffer.from(wav),
      });
      if (!answer.ok) throw new Error(`Expected ${route} to be taken: ${await answer.text()}`);
    }
  }

  async finishRecorder(id: number, lastSeq: number): Promise<void> {
    const lastSeqs = { microphone: lastSeq };
    await this.call('POST', `/api/meetings/${id}/recorder/finish`, { lastSeqs });
  }

  async readText(id: number): Promise<string> {
    const { segments } = (await this.call('GET', `/api/meetings/${id}/transcription`)) as {
      segments: { text: string }[];
    };
    return segments.map(({ text }) => text).join(' ');
  }

  /** Numbers of the meetings in which such words were said. */
  async search(words: string): Promise<number[]> {
    const query = new URLSearchParams({ q: words });
    const { results } = (await this.call('GET', `/api/search?${query}`)) as SearchPage;
    return results.map(({ meeting }) => meeting.id);
  }

  async untilText(id: number, words: string): Promise<void> {
    while (!(await this.readText(id)).toLowerCase().includes(words)) await pause(500);
  }

  async untilStatus(id: number, status: Meeting['status']): Promise<void> {
    while ((await this.readMeeting(id)).status !== status) await pause(500);
  }
}
