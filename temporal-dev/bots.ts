import fs from 'node:fs';
import path from 'node:path';
import { endForeignProcess } from './proc';

/** Ends every bot that the local launcher (infra/bot-launcher-local.ts) started; spools stay. */
export async function endBots(botsFolder: string, graceMs: number): Promise<void> {
  const folders = fs.readdirSync(botsFolder, { withFileTypes: true });
  await Promise.all(
    folders
      .map((folder) => path.join(botsFolder, folder.name, 'process'))
      .filter((file) => fs.existsSync(file))
      .map(async (file) => {
        const [pid, startTime = ''] = fs.readFileSync(file, 'utf8').split(' ');
        await endForeignProcess({ pid: Number(pid), startTime }, 'SIGTERM', graceMs);
      }),
  );
}
