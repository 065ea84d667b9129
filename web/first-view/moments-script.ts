import { MOMENT_WORDS, writeMoment } from '@/meetings/times';

/** Writes the moments of a document as they are read, in the zone of the browser that runs it. */
export const MOMENTS_SCRIPT = `(${fill.toString()})(${writeMoment.toString()}, ${JSON.stringify(MOMENT_WORDS)})`;

function fill(write: typeof writeMoment, words: typeof MOMENT_WORDS): void {
  const fillAll = (): void => {
    for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-moment]:empty')) {
      element.textContent = write(element.dateTime, new Date(), words);
    }
  };
  // told of what was read before that is drawn, however often the browser draws meanwhile
  const observer = new MutationObserver(fillAll);
  observer.observe(document, { childList: true, subtree: true });
  document.addEventListener('DOMContentLoaded', () => {
    fillAll();
    observer.disconnect();
  });
}
