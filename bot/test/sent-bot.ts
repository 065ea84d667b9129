import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BotAssignment } from '../../domain/bot-api';
import { findChromium } from '../../test/chromium-path';
import { FakeBotApi } from '../../test/fake-bot-api';
import { startBotProcess, type BotProcess } from './bot-process';

/** A bot as it is started, with an API and a folder of its own. */
export interface SentBot extends BotProcess {
  api: FakeBotApi;
  close(): Promise<void>;
}

/** Sends a bot on an assignment that leads to one of these origins of this machine. */
export async function sendBot(
  assignment: Partial<BotAssignment> & { joinUrl: string },
  ...origins: string[]
): Promise<SentBot> {
  const folder = await mkdtemp(join(tmpdir(), 'sent-bot-'));
  const api = new FakeBotApi(assignment);
  const bot = startBotProcess({
    BOT_API_URL: await api.start(),
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: join(folder, 'spool'),
    BOT_CHROMIUM_PATH: findChromium(),
    BOT_ALLOWED_ORIGINS: origins.join(','),
  });
  return {
    ...bot,
    api,
    async close() {
      bot.child.kill('SIGKILL');
      await api.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
