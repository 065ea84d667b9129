import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { startLivekitServer, type LivekitServer } from './livekit-server';
import { launchTestBrowser } from './meeting-pages/test-browser';

const AUDIO = path.join(__dirname, 'audio');
const PAGE = path.join(__dirname, 'meeting-pages/livekit');
/** Made up; localhost is trusted by browsers as only https is otherwise. */
const ORIGIN = 'http://cast.localhost';

/** Something said by somebody, who joins when heard of for the first time. */
export interface SpeakerLine {
  name: string;
  /** A sound file: an absolute path, or a name in test/audio. */
  wav: string;
  /** Counts from when everybody is there. */
  atMs: number;
  /** The part of the file that is heard; all of it if absent. */
  fromMs?: number;
  toMs?: number;
}

/** When a line was sent, on the wall clock of this machine. */
export interface SpokenTurn {
  name: string;
  startMs: number;
  endMs: number;
}

interface SeenPerson {
  name: string;
  isMicrophoneOn: boolean;
  isCameraOn: boolean;
}

/** What cast.js puts on its window. */
declare const cast: {
  join(person: { name: string; url: string; token: string }): Promise<{ sid: string }>;
  load(wav: string, base64: string): Promise<number>;
  say(lines: Required<SpeakerLine>[]): SpokenTurn[];
  rename(name: string, newName: string): Promise<void>;
  sendChat(name: string, text: string): Promise<void>;
  messagesOf(name: string): string[];
  seenBy(name: string): SeenPerson[];
  leave(name: string): Promise<void>;
  isBack(name: string): Promise<void>;
};

export interface LivekitRoom {
  name: string;
  server: LivekitServer;
  /** A token for the bot, with which it goes straight into the room. */
  makeToken(identity: string, displayName?: string): Promise<string>;
  /** Somebody who has not said anything yet; answers their key in the room. */
  addPerson(name: string): Promise<string>;
  addSpeakers(lines: SpeakerLine[]): Promise<SpokenTurn[]>;
  rename(name: string, newName: string): Promise<void>;
  sendChat(name: string, text: string): Promise<void>;
  /** What a person got by chat so far. */
  messagesOf(name: string): Promise<string[]>;
  /** Everybody else as a person sees them. */
  seenBy(name: string): Promise<SeenPerson[]>;
  leave(name: string): Promise<void>;
  /** Resolves when a person is connected again after a break. */
  isBack(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface LivekitRoomOptions {
  name?: string;
  /** Servers and browsers that others use too; else the room has its own and closes them. */
  server?: LivekitServer;
  browser?: Browser;
}

/** A room of a real LiveKit server with speakers in it; all of them share one browser. */
export async function openLivekitRoom(options: LivekitRoomOptions = {}): Promise<LivekitRoom> {
  const { name = 'standup' } = options;
  const server = options.server ?? (await startLivekitServer());
  const browser = options.browser ?? (await launchTestBrowser());
  // Browsers ask before a page may reach their own machine.
  const page = await browser.newPage({ permissions: ['local-network-access'] });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    await route.fulfill({ path: findFile(pathname) });
  });
  await page.goto(`${ORIGIN}/cast.html`);
  const here = new Set<string>();
  const addPerson = async (person: string) => {
    const token = await server.makeToken({ room: name, identity: `id-${person}`, name: person });
    const joining = { name: person, url: server.url, token };
    const { sid } = await page.evaluate((one) => cast.join(one), joining);
    here.add(person);
    return sid;
  };
  const load = async (wav: string) => {
    const content = (await readFile(path.resolve(AUDIO, wav))).toString('base64');
    return page.evaluate((file) => cast.load(file.wav, file.content), { wav, content });
  };
  return {
    name,
    server,
    makeToken: (identity, displayName = '') =>
      server.makeToken({ room: name, identity, name: displayName }),
    addPerson,
    async addSpeakers(lines) {
      const newcomers = new Set(lines.map((line) => line.name).filter((one) => !here.has(one)));
      for (const newcomer of newcomers) await addPerson(newcomer);
      const whole: Required<SpeakerLine>[] = [];
      for (const line of lines) whole.push({ fromMs: 0, toMs: await load(line.wav), ...line });
      return page.evaluate((all) => cast.say(all), whole);
    },
    rename: (person, newName) =>
      page.evaluate(([one = '', other = '']) => cast.rename(one, other), [person, newName]),
    sendChat: (person, text) =>
      page.evaluate(([one = '', what = '']) => cast.sendChat(one, what), [person, text]),
    messagesOf: (person) => page.evaluate((one) => cast.messagesOf(one), person),
    seenBy: (person) => page.evaluate((one) => cast.seenBy(one), person),
    leave: (person) => page.evaluate((one) => cast.leave(one), person),
    isBack: (person) => page.evaluate((one) => cast.isBack(one), person),
    async close() {
      await page.close();
      if (!options.browser) await browser.close();
      if (!options.server) await server.close();
    },
  };
}

function findFile(pathname: string): string {
  if (pathname === '/livekit-client.js') return createRequire(__filename).resolve('livekit-client');
  return path.join(PAGE, path.basename(pathname));
}
