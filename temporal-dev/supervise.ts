import { setTimeout as sleep } from 'node:timers/promises';
import { readLastLines } from './managed-process';
import { describeEnd, type Part } from './part';
import type { Stack } from './stack';
import { messageOf } from './user-error';

/** A part that ends this often within the window stays down: restarting would not mend it. */
const MAX_CRASHES = 5;
const WINDOW_MS = 60_000;

/** Says when a part crashes, with the path and end of its log, and starts it again. */
export function superviseParts(stack: Stack, say: (text: string) => void): void {
  for (const part of stack.parts.values()) {
    const crashes: number[] = [];
    part.onCrash = (_part, end) => {
      const now = Date.now();
      crashes.push(now);
      const recent = crashes.filter((at) => now - at < WINDOW_MS).length;
      say(`${part.name} ${describeEnd(end)}. Its log is ${part.logPath}:`);
      for (const line of readLastLines(part.logPath, 5)) say(`    ${line}`);
      if (recent >= MAX_CRASHES) {
        say(
          `${part.name} ended ${recent} times in a minute and stays down: mend it and start again.`,
        );
        return;
      }
      void startAgain(part, recent, say);
    };
  }
}

async function startAgain(part: Part, recent: number, say: (text: string) => void): Promise<void> {
  await sleep((recent - 1) * 1_000);
  try {
    await part.start();
    say(`${part.name} runs again`);
  } catch (error) {
    say(`${part.name} could not be started again: ${messageOf(error)}`);
  }
}
