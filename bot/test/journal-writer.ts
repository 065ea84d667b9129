import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { loadVoiceDetectors } from '../src/audio/vad';
import { MeetingRecorder } from '../src/meeting-recorder';
import { Spool } from '../src/spool/spool';

const BLOCK = 1_600;
const HEADER_BYTES = 44;

/**
 * Hears a speaker's WAV file as it would come from a call, in its own time, until it is killed;
 * says after each block how many milliseconds it has heard.
 */
async function main(): Promise<void> {
  const [folder, file] = process.argv.slice(2).map(String);
  if (folder === undefined || file === undefined) throw new Error('Expected a folder and a file');
  const bytes = readFileSync(file).subarray(HEADER_BYTES);
  const recorder = new MeetingRecorder({
    spool: await Spool.open(folder),
    clock: { nowMs: () => performance.now() },
    api: { sendSources: () => Promise.resolve(null), sendGap: () => Promise.resolve(null) },
    createDetector: await loadVoiceDetectors(),
    onChunk: () => undefined,
    onCaptureFailed: () => undefined,
    logger: pino({ level: 'silent' }),
  });
  recorder.start();
  const startMs = performance.now();
  for (let block = 0; (block + 1) * BLOCK * 2 <= bytes.length; block += 1) {
    await delay(Math.max(0, startMs + (block + 1) * 100 - performance.now()));
    const pcm = bytes.subarray(block * BLOCK * 2, (block + 1) * BLOCK * 2).toString('base64');
    recorder.hear({
      kind: 'audio',
      track: 'page-1',
      owner: 'maya',
      isDoubtful: false,
      captureMs: block * 100,
      sampleCount: BLOCK,
      pcm,
    });
    process.stdout.write(`${(block + 1) * 100}\n`);
  }
  process.stdout.write('end\n');
  await delay(60_000);
}

void main();
