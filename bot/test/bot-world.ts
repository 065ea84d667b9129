import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { BotAssignment } from '../../domain/bot-api';
import {
  startPracticeRoom,
  type PracticeRoom,
} from '../../temporal-dev/practice-room/practice-room';
import { findChromium } from '../../test/chromium-path';
import { FakeBotApi } from '../../test/fake-bot-api';
import { startFakeParticipant, type FakeParticipant } from '../../test/fake-participant';
import { launchTestBrowser } from '../../test/meeting-pages/test-browser';
import { startBotProcess, type BotProcess } from './bot-process';

/** A practice room, an API and a bot, all of one test. */
export interface BotWorld {
  readonly room: PracticeRoom;
  readonly roomUrl: string;
  readonly folder: string;
  readonly api: FakeBotApi;
  readonly apiUrl: string;
  /** Settings of every bot and delivery that is started here. */
  readonly settings: Record<string, string>;
  enter(name: string, options?: { query?: string; audioFile?: string }): Promise<FakeParticipant>;
  startBot(settings?: Record<string, string>): BotProcess;
  spooledFiles(): Promise<string[]>;
  close(): Promise<void>;
}

let roomNumber = 0;

/** Of all people in a test file who say nothing: a microphone takes a browser of its own. */
let quietBrowser: Promise<Browser> | undefined;
afterAll(async () => (await quietBrowser)?.close());

export async function openBotWorld(
  assignment: Partial<BotAssignment> = {},
  roomName = `world-${(roomNumber += 1)}`,
): Promise<BotWorld> {
  const chromiumPath = findChromium();
  const folder = await mkdtemp(join(tmpdir(), 'bot-world-'));
  const room = await startPracticeRoom({
    host: '127.0.0.1',
    port: 0,
    forgetAfterMs: 60_000,
    absenceMs: 2_000,
  });
  const roomUrl = `${room.url}/r/${roomName}`;
  const api = new FakeBotApi({ joinUrl: roomUrl, ...assignment });
  const apiUrl = await api.start();
  const people: FakeParticipant[] = [];
  const bots: BotProcess[] = [];
  const settings = {
    BOT_API_URL: apiUrl,
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: join(folder, 'spool'),
    BOT_CHROMIUM_PATH: chromiumPath,
    BOT_ALLOWED_ORIGINS: [room.url, new URL(assignment.joinUrl ?? roomUrl).origin].join(','),
  };
  return {
    ...{ room, roomUrl, folder, api, apiUrl, settings },
    async enter(name, { query = '', audioFile } = {}) {
      const microphone = audioFile
        ? { audioFile }
        : { browser: await (quietBrowser ??= launchTestBrowser()) };
      const link = `${roomUrl}${query}`;
      const person = await startFakeParticipant({
        ...{ roomUrl: link, name, chromiumPath },
        ...microphone,
      });
      people.push(person);
      return person;
    },
    startBot(more = {}) {
      const bot = startBotProcess({ ...settings, ...more });
      bots.push(bot);
      return bot;
    },
    spooledFiles: () => readdir(join(folder, 'spool/chunks')),
    async close() {
      for (const { child } of bots) child.kill('SIGKILL');
      await Promise.all(people.map((person) => person.kill()));
      await api.stop();
      await room.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export const isInMeeting = ({ states }: FakeBotApi): boolean => states.includes('in_meeting');
export const isWaiting = ({ states }: FakeBotApi): boolean => states.includes('waiting_room');
