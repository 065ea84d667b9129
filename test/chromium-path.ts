import { existsSync } from 'node:fs';

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium for tests: the one that is set, else an installed one. */
export function findChromium(): string {
  const set = process.env['CHROMIUM_PATH'];
  const found = set ?? USUAL_PLACES.find((path) => existsSync(path));
  if (!found) throw new Error('Expected a Chromium for this test; set CHROMIUM_PATH to one');
  return found;
}
