import { MOMENT_WORDS, writeMoment } from '@/meetings/times';

/** Writes the moments that stand in a document, in the zone of the browser that runs it. */
export const MOMENTS_SCRIPT = `(${fill.toString()})(${writeMoment.toString()}, ${JSON.stringify(MOMENT_WORDS)})`;

function fill(write: typeof writeMoment, words: typeof MOMENT_WORDS): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-moment]')) {
    element.textContent = write(element.dateTime, new Date(), words);
  }
}
