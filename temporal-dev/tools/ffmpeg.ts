import path from 'node:path';
import { UserError } from '../user-error';
import { runCommand } from './run-command';

/** A wheel that carries the ffmpeg program and nothing else to speak of. */
const PACKAGE = 'imageio-ffmpeg==0.8.1';
const WHERE = 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())';

/** Finds ffmpeg: the given one, the one on PATH when it has Opus, else the one PyPI carries. */
export async function prepareFfmpeg(
  python: string,
  given: string | undefined,
  log: (text: string) => void,
): Promise<string> {
  if (given?.trim()) return given;
  const onPath = await runCommand('ffmpeg', ['-hide_banner', '-encoders']);
  if (onPath.code === 0 && onPath.output.includes('libopus')) return 'ffmpeg';
  let found = await runCommand(python, ['-c', WHERE]);
  if (found.code !== 0) {
    log('ffmpeg: fetching it, for recordings');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE];
    await runCommand(python, pip);
    found = await runCommand(python, ['-c', WHERE]);
  }
  const program = found.output.trim();
  if (found.code === 0 && path.isAbsolute(program)) return program;
  throw new UserError(
    'ffmpeg was not found and could not be fetched: install ffmpeg, or set FFMPEG_PATH to it.',
  );
}
