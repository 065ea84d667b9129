import { execFileSync } from 'node:child_process';

const program = (): string => process.env.FFMPEG_PATH ?? 'ffmpeg';

/** A WebM stream of a sine tone, as a recorder makes it. */
export function makeTone(frequencyHz: number, seconds: number): Buffer {
  const source = `sine=frequency=${frequencyHz}:sample_rate=48000:duration=${seconds}`;
  const args = ['-loglevel', 'error', '-f', 'lavfi', '-i', source];
  const encode = ['-c:a', 'libopus', '-f', 'webm', '-live', '1', '-cluster_time_limit', '500', '-'];
  return execFileSync(program(), [...args, ...encode], { maxBuffer: 2 ** 26 });
}

/** How loud each tenth of a second is, from 0 to 1, from `startSeconds` on: found by seeking there. */
export function measureLoudness(file: string, startSeconds = 0): number[] {
  const seek = ['-loglevel', 'error', '-ss', String(startSeconds), '-i', file];
  const pcm = execFileSync(program(), [...seek, '-f', 's16le', '-ac', '1', '-ar', '16000', '-'], {
    maxBuffer: 2 ** 28,
  });
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1);
  return Array.from({ length: Math.floor(samples.length / 1_600) }, (_, index) => {
    const window = samples.subarray(index * 1_600, (index + 1) * 1_600);
    return Math.sqrt(window.reduce((sum, each) => sum + each * each, 0) / window.length) / 32_768;
  });
}
