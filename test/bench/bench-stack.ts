import fs from 'node:fs';
import path from 'node:path';
import { createDatabase, type Database } from '../../infra/database/client';
import { makeCursor } from '../../infra/database/meetings';
import { leavePolicySchema } from '../../domain/leave-policy';
import type { Platform } from '../../domain/platforms';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { findStackDir } from '../../temporal-dev/folders';
import type { PartName } from '../../temporal-dev/part';
import { findFreePorts, type Ports } from '../../temporal-dev/ports';
import { startStack, type Stack } from '../../temporal-dev/stack';
import { say } from '../../temporal-dev/terminal';

const PARTS: PartName[] = ['postgres', 'redis', 'temporal', 'whisper', 'api', 'workers'];

/** Everything but the meetings, on ports and in a folder of its own. */
export interface BenchStack {
  stack: Stack;
  api: DemoApiClient;
  db: Database;
  /** A meeting as `POST /api/meetings` leaves it, also with a link of this machine. */
  createMeeting(meeting: {
    platform: Platform;
    link: string;
    isRecorded?: boolean;
  }): Promise<number>;
  stop(): Promise<void>;
}

export async function startBenchStack(
  settings: Record<string, string> = {},
  ports?: Ports,
): Promise<BenchStack> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, 'bench');
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const { PATH, HOME, CHROMIUM_PATH } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: ports ?? (await findFreePorts()),
    parts: PARTS,
    env: { PATH, HOME, CHROMIUM_PATH, LOG_LEVEL: 'warn', NODE_ENV: 'development', ...settings },
    log: say,
  });
  const api = new DemoApiClient(stack.env.API_URL ?? '');
  await api.signIn('bench@example.org');
  const db = createDatabase({ url: stack.env.DATABASE_URL ?? '', maxConnections: 10 });
  const { id: userId } = await db.prisma.user.findFirstOrThrow();
  return {
    stack,
    api,
    db,
    async createMeeting({ platform, link, isRecorded = false }) {
      const leavePolicy = leavePolicySchema.parse({});
      const made = {
        userId,
        platform,
        meetingUrl: link,
        botName: 'Notetaker',
        leavePolicy,
        isRecorded,
      };
      const { id } = await db.prisma.meeting.create({ data: made });
      await makeCursor(db, id);
      return id;
    },
    async stop() {
      await db.close();
      await stack.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
