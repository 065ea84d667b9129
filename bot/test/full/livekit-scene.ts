import type { FakeBotApi } from '../../../test/fake-bot-api';
import {
  openLivekitRoom,
  type LivekitRoom,
  type SpeakerLine,
  type SpokenTurn,
} from '../../../test/livekit-room';
import type { LivekitServer } from '../../../test/livekit-server';
import type { BotProcess } from '../bot-process';
import { sendBot } from '../sent-bot';

const LINE_MS = 3_500;
const STEP_MS = 4_500;
/** How much of a turn a busy machine may cut off. */
const SLACK_MS = 1_500;

export interface Heard {
  name: string | undefined;
  startMs: number;
  endMs: number;
}

/** A room of a real LiveKit server with a bot in it that reports to a stand-in of the API. */
export interface LivekitScene {
  room: LivekitRoom;
  api: FakeBotApi;
  bot: BotProcess;
  /** What the bot delivered, with times on the wall clock. */
  listHeard(sinceMs?: number): Heard[];
  untilHeard(turns: readonly SpokenTurn[]): Promise<void>;
  /** What stands under anybody but the one who spoke for the most of it. */
  listWrongNames(turns: readonly SpokenTurn[], sinceMs?: number): object[];
  close(): Promise<void>;
}

/** Each says one line, one after the other. */
export function readRound(names: readonly string[]): SpeakerLine[] {
  return names.map((name, index) => {
    const isMaya = index % 2 === 0;
    const fromMs = isMaya ? 1_500 : 8_068;
    const wav = `standup-${isMaya ? 'maya' : 'jonas'}.wav`;
    return { name, wav, atMs: index * STEP_MS, fromMs, toMs: fromMs + LINE_MS };
  });
}

/** Opens a room on the server and has a bot join it. */
export async function openLivekitScene(server: LivekitServer, name: string): Promise<LivekitScene> {
  const room = await openLivekitRoom({ server, name });
  const passcode = await room.makeToken('bot');
  const link = { joinUrl: server.url, passcode };
  const bot = await sendBot({ platform: 'livekit', ...link }, server.url.replace('ws', 'http'));
  const { api } = bot;
  await api.waitUntil(({ states }) => states.includes('in_meeting'), 60_000);
  return {
    room,
    api,
    bot,
    ...createEars(api),
    async close() {
      await bot.close();
      await room.close();
    },
  };
}

function createEars(
  api: FakeBotApi,
): Pick<LivekitScene, 'listHeard' | 'untilHeard' | 'listWrongNames'> {
  /** A name may have several keys: a server that takes somebody back as new gives a new one. */
  const nameOf = (key: string | null) =>
    api.changes.find((one) => one.key === key && Boolean(one.name))?.name ?? undefined;
  const listHeard = (sinceMs = 0): Heard[] =>
    api.chunks
      .map(({ participant, capturedAtMs, startMs, endMs }) => ({
        name: nameOf(participant),
        startMs: capturedAtMs,
        endMs: capturedAtMs + endMs - startMs,
      }))
      .filter(({ startMs }) => startMs >= sinceMs);
  const isHeard = (turn: SpokenTurn): boolean => {
    const own = listHeard().filter(({ name }) => name === turn.name);
    const heardMs = own.reduce((sum, one) => sum + Math.max(0, overlap(turn, one)), 0);
    return heardMs > turn.endMs - turn.startMs - SLACK_MS;
  };
  return {
    listHeard,
    untilHeard: (turns) => api.waitUntil(() => turns.every(isHeard), 90_000),
    listWrongNames(turns, sinceMs = 0) {
      const named = listHeard(sinceMs).map((heard) => {
        const [speaker] = turns.toSorted((a, b) => overlap(b, heard) - overlap(a, heard));
        return { heard: heard.name, spoken: speaker?.name };
      });
      return named.filter(({ heard, spoken }) => heard !== spoken);
    },
  };
}

function overlap(turn: SpokenTurn, heard: Heard): number {
  return Math.min(turn.endMs, heard.endMs) - Math.max(turn.startMs, heard.startMs);
}
