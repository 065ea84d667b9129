import { spawn } from 'node:child_process';
import OpenAI from 'openai';
import PQueue from 'p-queue';
import { parseArgsStringToArgv } from 'string-argv';
import { readSpeech } from '../domain/speech-wav';
import { MAX_SPEECH_BYTES } from '../domain/talking-back';
import type { SpeechConfig } from './config';

/** Turns text into speech. */
export interface SpeechSynthesiser {
  /** Whether a request may name a voice. */
  takesVoice: boolean;
  /** A WAV file that bots can play; throws `SpeechFailedError`. */
  synthesise(text: string, voice: string | undefined): Promise<Uint8Array>;
}

/** No usable sound came; the message is for operators and holds none of the text. */
export class SpeechFailedError extends Error {
  override readonly name = 'SpeechFailedError';
}

const TIME_LIMIT_MS = 30_000;
/** Each is a program on the API's machine, or a request that costs money; the others wait. */
const MOST_AT_ONCE = 4;

/** The synthesis that the settings name, or null; programs get `environment` and no more. */
export function createSpeechSynthesiser(
  config: SpeechConfig | null,
  environment: Record<string, string | undefined>,
  timeLimitMs = TIME_LIMIT_MS,
): SpeechSynthesiser | null {
  if (config === null) return null;
  const speak =
    config.kind === 'command'
      ? createCommand(config, { environment, timeLimitMs })
      : createEndpoint(config, timeLimitMs);
  const queue = new PQueue({ concurrency: MOST_AT_ONCE });
  return {
    takesVoice: config.kind === 'endpoint' || config.command.includes('{voice}'),
    async synthesise(text, voice = config.voice) {
      const speech = readSpeech(await queue.add(() => speak(text, voice)));
      if (speech.ok) return speech.wav;
      throw new SpeechFailedError(speech.problem);
    },
  };
}

type Speak = (text: string, voice: string) => Promise<Uint8Array>;

/** Split into arguments once, without a shell: neither text nor voice can become a command. */
function createCommand(
  { command }: { command: string },
  limits: { environment: Record<string, string | undefined>; timeLimitMs: number },
): Speak {
  const [program = '', ...args] = parseArgsStringToArgv(command);
  return (text, voice) =>
    new Promise((resolve, reject) => {
      const fail = (message: string): void => reject(new SpeechFailedError(message));
      const child = spawn(
        program,
        args.map((each) => each.replaceAll('{voice}', () => voice)),
        {
          env: limits.environment,
          stdio: ['pipe', 'pipe', 'ignore'],
          timeout: limits.timeLimitMs,
          killSignal: 'SIGKILL',
        },
      );
      const parts: Buffer[] = [];
      let size = 0;
      child.stdout.on('data', (part: Buffer) => {
        size += part.length;
        if (size <= MAX_SPEECH_BYTES) parts.push(part);
        else child.kill('SIGKILL');
      });
      // a program that ends without reading all is judged by its exit
      child.stdin.on('error', () => undefined);
      child.once('error', (error) => fail(`TTS_COMMAND could not be started: ${error.message}`));
      child.once('close', (code, signal) => {
        if (size > MAX_SPEECH_BYTES) return fail(`Expected at most ${MAX_SPEECH_BYTES} bytes`);
        if (signal) return fail(`TTS_COMMAND took longer than ${limits.timeLimitMs} ms`);
        if (code !== 0) return fail(`Expected TTS_COMMAND to succeed, got exit code ${code}`);
        resolve(Buffer.concat(parts));
      });
      child.stdin.end(text);
    });
}

function createEndpoint(
  { url, apiKey, model }: { url: string; apiKey: string; model: string },
  timeLimitMs: number,
): Speak {
  const client = new OpenAI({
    apiKey,
    baseURL: url,
    maxRetries: 1,
    timeout: timeLimitMs,
    // At "debug" the package would log whole requests, and with them what is to be said.
    logLevel: 'off',
  });
  return async (text, voice) => {
    try {
      const answer = await client.audio.speech.create({
        model,
        voice,
        input: text,
        response_format: 'wav',
      });
      return await readAnswer(answer);
    } catch (error) {
      if (error instanceof SpeechFailedError) throw error;
      const status = error instanceof OpenAI.APIError ? error.status : undefined;
      throw new SpeechFailedError(
        status === undefined
          ? 'The endpoint of TTS_URL did not answer in time'
          : `The endpoint of TTS_URL answered ${status}`,
        { cause: error },
      );
    }
  };
}

async function readAnswer(answer: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    const bytes = part as Uint8Array;
    size += bytes.length;
    if (size > MAX_SPEECH_BYTES) {
      throw new SpeechFailedError(`Expected at most ${MAX_SPEECH_BYTES} bytes`);
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
