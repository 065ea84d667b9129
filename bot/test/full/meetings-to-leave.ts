import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from '../../../domain/platforms';
import { openLivekitRoom, type LivekitRoom } from '../../../test/livekit-room';
import { startLivekitServer } from '../../../test/livekit-server';
import { startGoogleMeetPage } from '../../../test/meeting-pages/google-meet/google-meet-page';
import { FRESH, startJitsiMeeting } from '../../../test/meeting-pages/jitsi/jitsi-meeting';
import { startLivekitMeet } from '../../../test/meeting-pages/livekit/livekit-meet';
import { TeamsMeeting } from '../../../test/meeting-pages/teams/teams-meeting';
import { makeZoomState, startZoomMeeting } from '../../../test/meeting-pages/zoom/zoom-meeting';

const MAYA = 'Maya';
const BOT_NAME = 'Notes';
/** Well below the time after which a server itself gives up on somebody who has gone silent. */
const GONE_TIMEOUT_MS = 10_000;
const LOOK_MS = 100;

export interface Beginning {
  hasMaya: boolean;
  /** Ignored where the platform has no waiting room. */
  hasWaitingRoom?: boolean;
}

/** A platform's meeting as those see it from whom a bot parts. */
export interface MeetingToLeave {
  platform: Platform;
  origin: string;
  /** Answers the link of a new meeting. */
  begin(beginning: Beginning): Promise<string>;
  mayaLeaves(): Promise<void>;
  removeBot(): Promise<void>;
  end(): Promise<void>;
  /** Resolves when the meeting itself has seen the bot leave the call, politely. */
  botHasLeft(): Promise<unknown>;
  /** The same for the waiting room; absent where that offers no way to leave. */
  botHasLeftWaitingRoom?(): Promise<unknown>;
  close(): Promise<void>;
}

async function openGoogleMeet(): Promise<MeetingToLeave> {
  const meet = await startGoogleMeetPage();
  const maya = { id: 'spaces/standin/devices/1', name: MAYA, isHost: true };
  return {
    platform: 'google_meet',
    origin: meet.page.url,
    async begin({ hasMaya, hasWaitingRoom = false }) {
      meet.begin({ hasLobby: hasWaitingRoom, people: hasMaya ? [maya] : [] });
      return Promise.resolve(meet.url);
    },
    mayaLeaves: async () => Promise.resolve(meet.removePerson(maya.id)),
    removeBot: async () => Promise.resolve(meet.page.update({ screen: 'removed' })),
    end: async () => Promise.resolve(meet.page.update({ screen: 'ended' })),
    botHasLeft: () => meet.page.waitForEvent('left'),
    botHasLeftWaitingRoom: () => meet.page.waitForEvent('left'),
    close: () => meet.close(),
  };
}

async function openTeams(): Promise<MeetingToLeave> {
  const meeting = await TeamsMeeting.start();
  const maya = { key: '8:orgid:maya', name: MAYA, isOrganizer: true };
  return {
    platform: 'teams',
    origin: meeting.page.url,
    async begin({ hasMaya, hasWaitingRoom = false }) {
      meeting.open(hasWaitingRoom ? 'lobby' : 'call', { people: hasMaya ? [maya] : [] });
      return Promise.resolve(meeting.link);
    },
    mayaLeaves: async () => Promise.resolve(meeting.removePerson(maya.key)),
    removeBot: async () => Promise.resolve(meeting.remove()),
    end: async () => Promise.resolve(meeting.end()),
    botHasLeft: () => meeting.page.waitForEvent('left'),
    botHasLeftWaitingRoom: () => meeting.page.waitForEvent('cancelled'),
    close: () => meeting.page.close(),
  };
}

async function openZoom(): Promise<MeetingToLeave> {
  const meeting = await startZoomMeeting();
  const maya = { key: MAYA, id: 16_779_264, name: MAYA, isHost: true };
  return {
    platform: 'zoom',
    origin: meeting.url,
    async begin({ hasMaya, hasWaitingRoom = false }) {
      const door = hasWaitingRoom ? 'waiting_room' : 'open';
      meeting.reset(makeZoomState({ door, people: hasMaya ? [maya] : [] }));
      return Promise.resolve(`${meeting.url}/j/81234567890`);
    },
    mayaLeaves: async () => Promise.resolve(meeting.update({ people: [] })),
    removeBot: async () => Promise.resolve(meeting.update({ ending: 'removed' })),
    end: async () => Promise.resolve(meeting.update({ ending: 'ended' })),
    botHasLeft: () => meeting.waitForEvent('left'),
    botHasLeftWaitingRoom: () => meeting.waitForEvent('left-waiting'),
    close: () => meeting.close(),
  };
}

async function openJitsi(): Promise<MeetingToLeave> {
  const meeting = await startJitsiMeeting();
  const maya = { id: 'aaaa1111', name: MAYA, role: 'moderator' } as const;
  return {
    platform: 'jitsi',
    origin: meeting.url,
    async begin({ hasMaya, hasWaitingRoom = false }) {
      const door = hasWaitingRoom ? 'lobby' : 'open';
      meeting.reset({ ...FRESH, door, people: hasMaya ? [maya] : [] });
      return Promise.resolve(`${meeting.url}/team/Weekly`);
    },
    mayaLeaves: async () => Promise.resolve(meeting.update({ people: [] })),
    removeBot: async () => Promise.resolve(meeting.update({ end: 'removed' })),
    end: async () => Promise.resolve(meeting.update({ end: 'ended' })),
    botHasLeft: () => meeting.waitForEvent('left'),
    close: () => meeting.close(),
  };
}

async function openLivekit(): Promise<MeetingToLeave> {
  const server = await startLivekitServer();
  const meet = await startLivekitMeet(server);
  let room: LivekitRoom | null = null;
  let count = 0;
  const isBotIn = async (name: string): Promise<boolean> =>
    (await server.listParticipants(name)).some((identity) => identity.startsWith(BOT_NAME));
  const here = (): LivekitRoom => {
    if (!room) throw new Error('Expected a meeting to have begun');
    return room;
  };
  const leaveRoom = async (): Promise<void> => {
    await room?.close();
    room = null;
  };
  return {
    platform: 'livekit',
    origin: meet.url,
    async begin({ hasMaya }) {
      await leaveRoom();
      count += 1;
      room = await openLivekitRoom({ server, name: `leaving-${count}` });
      if (hasMaya) await room.addPerson(MAYA);
      return `${meet.url}/rooms/${room.name}`;
    },
    mayaLeaves: () => here().leave(MAYA),
    async removeBot() {
      const { name } = here();
      const all = await server.listParticipants(name);
      const bot = all.find((identity) => identity.startsWith(BOT_NAME));
      await server.removeParticipant(name, bot ?? BOT_NAME);
    },
    end: () => server.deleteRoom(here().name),
    async botHasLeft() {
      const deadline = Date.now() + GONE_TIMEOUT_MS;
      while (await isBotIn(here().name)) {
        if (Date.now() > deadline) throw new Error('Expected the server to have seen it leave');
        await delay(LOOK_MS);
      }
    },
    async close() {
      await leaveRoom();
      await meet.close();
      await server.close();
    },
  };
}

export const MEETINGS_TO_LEAVE = {
  google_meet: openGoogleMeet,
  teams: openTeams,
  zoom: openZoom,
  jitsi: openJitsi,
  livekit: openLivekit,
};
