import fs from 'node:fs';
import path from 'node:path';
import { endForeignProcess } from './proc';

/** A bot that is asked to end still sends what it heard, as far as the API takes it. */
const BOT_GRACE_MS = 8_000;

/** Ends every bot that the local launcher (infra/bot-launcher-local.ts) started; spools stay. */
export async function endBots(botsFolder: string): Promise<void> {
  const folders = fs.readdirSync(botsFolder, { withFileTypes: true });
  await Promise.all(
    folders
      .map((folder) => path.join(botsFolder, folder.name, 'process'))
      .filter((file) => fs.existsSync(file))
      .map(async (file) => {
        const [pid, startTime = ''] = fs.readFileSync(file, 'utf8').split(' ');
        await endForeignProcess({ pid: Number(pid), startTime }, 'SIGTERM', BOT_GRACE_MS);
      }),
  );
}
