import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { CHUNK_SAMPLE_RATE_HZ } from '../../domain/bot-api';

/** Why a file gives no sound: a decision about the file, never an outage. */
export class UnusableSoundError extends Error {
  override readonly name = 'UnusableSoundError';

  constructor(
    readonly problem: 'not_audio' | 'audio_too_long' | 'decoding_failed',
    message: string,
  ) {
    super(message);
  }
}

export interface SoundFile {
  /** Path of the ffmpeg program. */
  ffmpeg: string;
  /** All that the program gets to see of this process's environment. */
  environment: Record<string, string | undefined>;
  file: string;
  longestMs: number;
  signal: AbortSignal;
}

/** Demuxers of the formats that are taken. What reads other files (HLS, concat) is not among them. */
const FORMATS = 'wav,w64,mp3,aac,mov,mp4,m4a,3gp,3g2,mj2,ogg,flac,matroska,webm';
const CODECS = [
  ...['aac', 'aac_latm', 'mp3', 'mp3float', 'mp2', 'flac', 'alac', 'opus', 'libopus', 'vorbis'],
  ...['pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s32le', 'pcm_u8', 'pcm_f32le', 'pcm_f64le'],
  ...['pcm_alaw', 'pcm_mulaw', 'adpcm_ms', 'adpcm_ima_wav', 'gsm_ms', 'amrnb', 'amrwb', 'speex'],
].join(',');

/** Address space in KiB, seconds of a core, and 512-byte blocks of one written file. */
const LIMITS = { memory: 2 * 1024 * 1024, cpu: 2 * 3_600, file: 400 * 2 * 1024 };
const LIMITED = `ulimit -v ${LIMITS.memory} && ulimit -t ${LIMITS.cpu} && ulimit -f ${LIMITS.file} && exec "$@"`;
/** Longest time by the clock: four hours of sound decode in minutes. */
const DEADLINE_MS = 2 * 3_600_000;
/** Good for speech, as recordings of bots have it. */
const RECORDING_BITRATE = '32k';
const LAST_CHARACTERS = 4_000;

/** Reads only this one file, and nothing over a network; decodes only what is known to be sound. */
function readArguments(file: string): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-threads', '1', '-protocol_whitelist', 'file'],
    ...['-format_whitelist', FORMATS, '-codec_whitelist', CODECS, '-i', `file:${file}`],
  ];
}

/** What the file says of its length, null where it says nothing; throws for one without sound. */
export async function probeSound(sound: SoundFile): Promise<{ durationMs: number | null }> {
  const child = run(sound, ['-loglevel', 'info', ...readArguments(sound.file)]);
  child.stdout.resume();
  const { complaints } = await child.ended;
  if (!/Stream #0:\d+.*: Audio: /.test(complaints)) {
    throw new UnusableSoundError('not_audio', 'Expected a file with sound, found none in it');
  }
  const length = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(complaints);
  if (!length) return { durationMs: null };
  const [, hours, minutes, seconds] = length.map(Number);
  const durationMs = Math.round(
    ((hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1_000,
  );
  if (durationMs > sound.longestMs) throw makeTooLong(sound);
  return { durationMs };
}

/**
 * Decodes the file's first track of sound to 16 kHz mono and gives it to `onSamples` block by block,
 * each once the one before was taken, and writes it to `recording` as WebM with Opus.
 */
export async function decodeSound(
  sound: SoundFile,
  { recording, onSamples }: { recording: string; onSamples(samples: Int16Array): Promise<void> },
): Promise<void> {
  const only = ['-map', '0:a:0', '-vn', '-sn', '-dn', '-ac', '1'];
  const until = ['-t', String(sound.longestMs / 1_000 + 1)];
  const child = run(sound, [
    ...['-loglevel', 'error', ...readArguments(sound.file)],
    ...[...only, ...until, '-ar', String(CHUNK_SAMPLE_RATE_HZ), '-f', 's16le', 'pipe:1'],
    ...[...only, ...until, '-c:a', 'libopus', '-b:a', RECORDING_BITRATE, '-f', 'webm', recording],
  ]);
  const mostSamples = (sound.longestMs / 1_000) * CHUNK_SAMPLE_RATE_HZ;
  let samples = 0;
  try {
    for await (const block of readSamples(child.stdout)) {
      samples += block.length;
      if (samples > mostSamples) throw makeTooLong(sound);
      await onSamples(block);
    }
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
  const { code, killedBy, complaints } = await child.ended;
  sound.signal.throwIfAborted();
  if (code === 0 && samples > 0) return;
  // whoever kills a process without cause does so once: another try may go through
  if (killedBy === 'SIGKILL') throw new Error('Expected the decoder to end by itself, got SIGKILL');
  const problem = samples === 0 && killedBy === null ? 'not_audio' : 'decoding_failed';
  throw new UnusableSoundError(problem, `Expected sound from the decoder, got: ${complaints}`);
}

function makeTooLong({ longestMs }: SoundFile): UnusableSoundError {
  const hours = longestMs / 3_600_000;
  return new UnusableSoundError('audio_too_long', `Expected at most ${hours} hours of sound`);
}

/** Blocks come cut at any byte. */
async function* readSamples(stdout: Readable): AsyncGenerator<Int16Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const data of stdout as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
    const whole = bytes.length - (bytes.length % 2);
    rest = bytes.subarray(whole);
    // a copy, because a view would have to begin at an even byte; all that Node runs on is little-endian
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + whole);
    if (whole > 0) yield new Int16Array(copy);
  }
}

interface Ended {
  code: number | null;
  killedBy: NodeJS.Signals | null;
  complaints: string;
}

type Running = ChildProcessByStdio<null, Readable, Readable> & { ended: Promise<Ended> };

function run({ ffmpeg, environment, signal }: SoundFile, args: string[]): Running {
  const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ffmpeg, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
    signal,
    killSignal: 'SIGKILL',
    timeout: DEADLINE_MS,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-LAST_CHARACTERS);
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => resolve({ code, killedBy, complaints }));
  });
  // awaited later; until then its failure is nobody's
  ended.catch(() => undefined);
  return Object.assign(child, { ended });
}
