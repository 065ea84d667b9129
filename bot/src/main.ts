import pino from 'pino';
import { BOT_EXIT_CODES } from '../../domain/bot-api';
import { readBotConfig, type BotConfig } from './config';
import { runBot } from './run-bot';

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
  const onSignal = () => (evicted.signal.aborted ? hurried.abort() : evicted.abort());
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return runBot({ config, logger, evicted: evicted.signal, hurried: hurried.signal });
}

// Requests that nobody waits for any more must not keep the process.
void main().then((code) => process.exit(code));
