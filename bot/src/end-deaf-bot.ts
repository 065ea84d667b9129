import path from 'node:path';
import pino from 'pino';
import { z } from 'zod';
import { endDeafBot } from './deaf-bot';

/** Runs beside a bot that has just been asked to go: `end-deaf-bot <answer seconds> <leave seconds>`. */
async function main(): Promise<void> {
  const logger = pino({ name: 'end-deaf-bot' });
  const seconds = z.coerce.number().positive();
  const [answer, leave] = z.tuple([seconds, seconds]).parse(process.argv.slice(2));
  const outcome = await endDeafBot({
    program: path.join(__dirname, `main${path.extname(__filename)}`),
    spoolDir: z.string().min(1).parse(process.env['BOT_SPOOL_DIR']),
    answerMs: answer * 1_000,
    leaveMs: leave * 1_000,
  });
  if (outcome === 'killed') logger.warn('the bot did not go when it was asked to; killed');
}

void main().then(() => process.exit(0));
