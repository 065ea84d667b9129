import { PartSpool } from './part-spool';
import { PartUploader, type PartUploaderOptions } from './part-uploader';

/** Sends the parts of its recording that a dead bot left. True when none is left. */
export async function deliverRecording(
  options: Pick<PartUploaderOptions, 'api' | 'logger'> & { spoolDir: string; signal: AbortSignal },
): Promise<boolean> {
  const parts = await PartSpool.open(options.spoolDir);
  if ((await parts.list()).length === 0) return true;
  await new PartUploader({ ...options, parts }).drain(options.signal);
  return (await parts.list()).length === 0;
}
