import pino from 'pino';
import { BOT_EXIT_CODES } from '../../domain/bot-api';
import { readBotConfig, type BotConfig } from './config';
import { noteHeard, noteProcess } from './deaf-bot';
import { runBot } from './run-bot';

/** A machine that asks gives 25 to 30 s: so long is uploaded, then reported, then the process ends. */
const UPLOAD_UNTIL_MS = 17_000;
const GONE_AFTER_MS = 24_000;

async function main(): Promise<number> {
  let config: BotConfig;
  try {
    config = readBotConfig(process.env);
  } catch (error) {
    pino().fatal(error instanceof Error ? error.message : String(error));
    return BOT_EXIT_CODES.misconfigured;
  }
  const logger = pino({
    name: 'bot',
    level: config.logLevel,
    serializers: { error: pino.stdSerializers.err },
  });
  const evicted = new AbortController();
  const hurried = new AbortController();
  const onSignal = () => {
    if (evicted.signal.aborted) return hurried.abort();
    evicted.abort();
    noteHeard(config.spoolDir);
    setTimeout(() => hurried.abort(), UPLOAD_UNTIL_MS).unref();
    // The last resort: whatever is slow, the spool keeps what was not sent.
    setTimeout(() => process.exit(BOT_EXIT_CODES.unreported), GONE_AFTER_MS).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  noteProcess(config.spoolDir);
  return runBot({ config, logger, evicted: evicted.signal, hurried: hurried.signal });
}

// Requests that nobody waits for any more must not keep the process.
void main().then((code) => process.exit(code));
