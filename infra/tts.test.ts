import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSpeech } from '../domain/speech-wav';
import { encodeWav } from '../domain/wav';
import { createSpeechSynthesiser, type SpeechSynthesiser } from './tts';

const WAV = encodeWav(new Int16Array(2_205).fill(700), 22_050);
/** As a program writes it that does not know the length yet. */
const STREAMED = Buffer.from(WAV);
STREAMED.writeUInt32LE(0xffff_ffff, 4);
STREAMED.writeUInt32LE(0xffff_ffff, 40);

function program(code: string): SpeechSynthesiser {
  const command = `'${process.execPath}' -e "${code}" {voice}`;
  return make({ kind: 'command', command, voice: 'usual' });
}

function make(
  config: NonNullable<Parameters<typeof createSpeechSynthesiser>[0]>,
  timeLimitMs?: number,
): SpeechSynthesiser {
  const made = createSpeechSynthesiser(config, { PATH: process.env['PATH'] }, timeLimitMs);
  if (!made) throw new Error('Expected a synthesis');
  return made;
}

describe('TTS_COMMAND', () => {
  const write = (bytes: Buffer) =>
    `process.stdout.write(Buffer.from('${bytes.toString('base64')}', 'base64'))`;

  test('gives the text on standard input and takes a streamed WAV from standard output', async () => {
    const echo = program(
      `process.stdin.toArray().then((p) => { if (p.join('') !== 'Héllo; $(x)') process.exit(9); ${write(STREAMED)} })`,
    );
    const wav = await echo.synthesise('Héllo; $(x)', undefined);
    expect(Buffer.compare(Buffer.from(wav), Buffer.from(WAV))).toBe(0);
  });

  test('hands the voice over as one argument, or the usual one', async () => {
    const picky = program(`if (process.argv.at(-1) !== 'a b') process.exit(9); ${write(STREAMED)}`);
    await expect(picky.synthesise('hi', 'a b')).resolves.toBeDefined();
    await expect(picky.synthesise('hi', undefined)).rejects.toThrow('exit code 9');
  });

  test('hands none of our secrets to the program', async () => {
    const nosy = program(
      `if (Object.keys(process.env).some((k) => k !== 'PATH')) process.exit(9); ${write(STREAMED)}`,
    );
    await expect(nosy.synthesise('hi', undefined)).resolves.toBeDefined();
  });

  test('fails for a program that is missing, fails, talks nonsense or never ends', async () => {
    const gone = make({ kind: 'command', command: '/nowhere/tts', voice: '' });
    await expect(gone.synthesise('hi', undefined)).rejects.toThrow('could not be started');
    await expect(program('process.exit(3)').synthesise('hi', undefined)).rejects.toThrow('code 3');
    const nonsense = program("process.stdout.write('hello')");
    await expect(nonsense.synthesise('hi', undefined)).rejects.toThrow('Expected a WAV file');
    const command = `'${process.execPath}' -e "setInterval(() => 1, 1000)"`;
    const slow = make({ kind: 'command', command, voice: '' }, 200);
    await expect(slow.synthesise('hi', undefined)).rejects.toThrow('longer than 200 ms');
  });

  test('runs four programs at a time while the others wait', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tts-'));
    // each stays until four are there or, being a later one, three have gone
    const stay = `const fs = require('fs'); const at = '${folder}/' + process.pid;
      fs.writeFileSync(at, ''); const look = () => { const here = fs.readdirSync('${folder}').length;
      if (here > 4) process.exit(9); if (here < 4 && !fs.existsSync('${folder}-full')) return;
      fs.writeFileSync('${folder}-full', ''); fs.rmSync(at); clearInterval(timer); ${write(STREAMED)} };
      const timer = setInterval(look, 20);`.replaceAll('\n', ' ');
    const busy = program(stay);
    const spoken = await Promise.all(Array.from({ length: 9 }, () => busy.synthesise('hi', 'a')));
    expect(spoken).toHaveLength(9);
    await rm(folder, { recursive: true });
    await rm(`${folder}-full`);
  });

  test('says that it takes no voice when the command has no place for one', () => {
    expect(make({ kind: 'command', command: 'flite', voice: '' }).takesVoice).toBe(false);
    expect(program('').takesVoice).toBe(true);
  });
});

describe('TTS_URL', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; body: Buffer };
  const requests: { path: string | undefined; authorization: string | undefined; body: unknown }[] =
    [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        const { url: path, headers } = request;
        const body: unknown = JSON.parse(Buffer.concat(parts).toString());
        requests.push({ path, authorization: headers.authorization, body });
        response.writeHead(answer.status, { 'content-type': 'audio/wav' }).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const endpoint = (): SpeechSynthesiser =>
    make({ kind: 'endpoint', url, apiKey: 'sk-test', model: 'tts-1', voice: 'alloy' });

  test('asks an OpenAI-compatible endpoint for WAV', async () => {
    answer = { status: 200, body: STREAMED };
    const wav = await endpoint().synthesise('Hello', undefined);
    expect(readSpeech(wav)).toMatchObject({ ok: true, durationMs: 100 });
    expect(requests.at(-1)).toEqual({
      path: '/v1/audio/speech',
      authorization: 'Bearer sk-test',
      body: { model: 'tts-1', voice: 'alloy', input: 'Hello', response_format: 'wav' },
    });
  });

  test('says what it answered instead, without the text', async () => {
    answer = { status: 401, body: Buffer.from('{}') };
    await expect(endpoint().synthesise('secret words', undefined)).rejects.toThrow(
      'TTS_URL answered 401',
    );
    answer = { status: 200, body: Buffer.alloc(6 * 1024 * 1024) };
    await expect(endpoint().synthesise('hi', undefined)).rejects.toThrow('at most 5242880 bytes');
  });
});
