import { styleText } from 'node:util';
import { findStackDir } from '../folders';
import { PART_NAMES } from '../part';
import { readPorts } from '../ports';
import { startStack } from '../stack';
import { measureStackMemory } from '../stack-memory';
import { superviseParts } from '../supervise';
import { describePart, say } from '../terminal';
import { NO_CHROMIUM } from '../tools/chromium';
import { untilInterrupted } from '../until-interrupted';

/** More than this, idle, is worth a word. */
const MEMORY_LIMIT_BYTES = 1.5 * 1024 ** 3;

/** `npm start`: brings up every part and keeps it up until Ctrl-C. */
export async function start(): Promise<number> {
  const interruption = untilInterrupted();
  const stack = await startStack({
    dir: findStackDir(process.env),
    ports: readPorts(process.env),
    parts: PART_NAMES,
    env: process.env,
    log: say,
    onPart: (part) => say(describePart(part)),
    signal: interruption.signal,
  });
  superviseParts(stack, say);
  say(styleText('bold', `Open ${stack.env.WEB_URL}`));
  const bytes = measureStackMemory(stack);
  const megabytes = Math.round(bytes / 1024 ** 2);
  const verdict = bytes > MEMORY_LIMIT_BYTES ? 'more than the 1536 MiB it should need' : 'idle';
  say(`memory         ${megabytes} MiB (${verdict})`);
  if (!stack.env.CHROMIUM_PATH) say(styleText('yellow', `bots           ${NO_CHROMIUM}`));
  say(`Temporal UI    ${stack.env.TEMPORAL_UI_URL}`);
  say(
    `Sign in at ${stack.env.WEB_URL}, or type \`npm run demo\` in another terminal. Ctrl-C stops everything.`,
  );
  await interruption.interrupted;
  say('stopping');
  await stack.stop();
  say('everything is stopped');
  return 0;
}
