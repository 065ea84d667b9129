import { spawn } from 'node:child_process';
import { CHUNK_SAMPLE_RATE_HZ } from '../../domain/bot-api';

/** One attempt's WebM stream, or a recorder's track, and where it begins on the meeting's clock. */
export interface RecordedStream {
  file: string;
  /** Bare samples as chunks have them: 16 kHz, mono, 16 bit. */
  isBare?: boolean;
  /** In milliseconds; what lies before 0 is cut off. */
  startMs: number;
}

export interface Assembly {
  /** Path of the ffmpeg program. */
  ffmpeg: string;
  streams: readonly RecordedStream[];
  /** Path of the file to be made. */
  output: string;
  signal: AbortSignal;
}

/** Speech in Opus is transparent from about 24 kbit/s on (RFC 7587, section 3.1.1); mixed, a bit more. */
const BITRATE = '32k';
const LAST_CHARACTERS = 600;
const BARE_FORMAT = ['-f', 's16le', '-ar', String(CHUNK_SAMPLE_RATE_HZ), '-ac', '1'];

/**
 * Puts the attempts' streams into one WebM file with an index, so that players can seek. Each lies
 * where it was on the meeting's clock; what nobody recorded is silence. Throws with ffmpeg's last
 * words when it cannot.
 */
export async function assembleRecording(assembly: Assembly): Promise<void> {
  const { ffmpeg, streams, output, signal } = assembly;
  // a stream that was cut off by a crash ends in half a frame
  const lenient = ['-fflags', '+discardcorrupt', '-err_detect', 'ignore_err'];
  const inputs = streams.flatMap(({ file, isBare }) => [
    ...(isBare ? BARE_FORMAT : lenient),
    ...['-i', file],
  ]);
  await run(ffmpeg, {
    args: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y'],
      ...inputs,
      ...['-filter_complex', makeFilter(streams), '-map', '[out]'],
      ...['-c:a', 'libopus', '-b:a', BITRATE, '-ac', '1', '-f', 'webm', output],
    ],
    signal,
  });
}

/** The length of a WebM file's sound in milliseconds, decoded to its end. */
export async function measureRecordingMs(
  ffmpeg: string,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  const progress = await run(ffmpeg, {
    args: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-i', file],
      ...['-progress', 'pipe:1', '-f', 'null', '-'],
    ],
    signal,
  });
  const last = [...progress.matchAll(/^out_time_us=(\d+)$/gm)].at(-1)?.[1];
  if (last === undefined) throw new Error('Expected ffmpeg to tell the length of the recording');
  return Math.round(Number(last) / 1_000);
}

/** `async` fills holes within a stream with silence, by its timestamps. */
function makeFilter(streams: readonly RecordedStream[]): string {
  const placed = streams.map(({ startMs }, index) => {
    const at = Math.round(startMs);
    const place = at < 0 ? `atrim=start=${-at / 1_000},asetpts=PTS-STARTPTS` : `adelay=${at}:all=1`;
    return `[${index}:a]aresample=48000:async=1:first_pts=0,${place}[at${index}]`;
  });
  const labels = streams.map((_, index) => `[at${index}]`).join('');
  return `${placed.join(';')};${labels}amix=inputs=${streams.length}:duration=longest:normalize=0[out]`;
}

async function run(
  program: string,
  { args, signal }: { args: string[]; signal: AbortSignal },
): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let said = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-LAST_CHARACTERS);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`Expected ffmpeg to succeed, got code ${code}: ${complaints}`);
  return said;
}
