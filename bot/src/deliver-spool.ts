import pino from 'pino';
import { BOT_EXIT_CODES } from '../../domain/bot-api';
import { createApiClient } from './api/api-client';
import { readDeliveryConfig, type DeliveryConfig } from './config';
import { deliverEvidence } from './evidence/send-evidence';
import { deliverRecording } from './recording/deliver-recording';
import { deliverSpool } from './spool/deliver-spool';
import { Spool } from './spool/spool';

/** Sends what a dead bot left on its disk; started by launchers, beside the next attempt. */
async function main(): Promise<number> {
  let config: DeliveryConfig;
  try {
    config = readDeliveryConfig(process.env);
  } catch (error) {
    pino().fatal(error instanceof Error ? error.message : String(error));
    return BOT_EXIT_CODES.misconfigured;
  }
  const logger = pino({
    name: 'deliver-spool',
    level: config.logLevel,
    serializers: { error: pino.stdSerializers.err },
  });
  const api = createApiClient({ apiUrl: config.apiUrl, token: config.secrets.token, logger });
  const giveUp = new AbortController();
  process.on('SIGTERM', () => giveUp.abort());
  process.on('SIGINT', () => giveUp.abort());
  setTimeout(() => giveUp.abort(), config.timeoutMs);
  const { signal } = giveUp;
  try {
    const spool = await Spool.open(config.spoolDir);
    const areChunksSent = await deliverSpool({ spool, api, logger, signal });
    const isRecordingSent = await deliverRecording({ ...config, api, logger, signal });
    const isEvidenceSent = await deliverEvidence({ ...config, api, logger, signal });
    const isAllSent = areChunksSent && isRecordingSent && isEvidenceSent;
    return isAllSent ? BOT_EXIT_CODES.reported : BOT_EXIT_CODES.unreported;
  } catch (error) {
    logger.error({ error }, 'spool not delivered');
    return BOT_EXIT_CODES.unreported;
  }
}

// Requests that nobody waits for any more must not keep the process.
void main().then((code) => process.exit(code));
