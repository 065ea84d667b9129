import { createHash } from 'node:crypto';
import { startPracticeRoom } from '../../temporal-dev/practice-room/practice-room';
import type { Platform } from '../../domain/platforms';
import { findChromium } from '../chromium-path';
import { startFakeParticipant, type FakeParticipant } from '../fake-participant';
import { openLivekitRoom, type LivekitRoom } from '../livekit-room';
import { startLivekitServer } from '../livekit-server';
import { startGoogleMeetPage } from '../meeting-pages/google-meet/google-meet-page';
import { FRESH as JITSI_FRESH, startJitsiMeeting } from '../meeting-pages/jitsi/jitsi-meeting';
import { startLivekitMeet } from '../meeting-pages/livekit/livekit-meet';
import type { MeetingPage } from '../meeting-pages/meeting-page';
import {
  startSoundCast,
  type SoundCast,
  type SoundLayout,
  type SpokenLine,
} from '../meeting-pages/sound-cast';
import { launchTestBrowser } from '../meeting-pages/test-browser';
import { TeamsMeeting } from '../meeting-pages/teams/teams-meeting';
import { makeZoomState, startZoomMeeting } from '../meeting-pages/zoom/zoom-meeting';

/** One platform with people who speak in its meetings, one meeting after another. */
export interface Venue {
  platform: Platform;
  /** Where its meetings are. */
  origin: string;
  /** Begins a meeting with these people in it; answers its link. */
  begin(people: readonly string[]): Promise<string>;
  /** Says the lines; answers where their times count from, on the wall clock, in milliseconds. */
  say(lines: readonly SpokenLine[]): Promise<number>;
  end(): Promise<void>;
  close(): Promise<void>;
}

export type VenueName = keyof typeof VENUES;

/** Every platform that can stand here, with the sound as its calls send it. */
export const VENUES = {
  google_meet: async (): Promise<Venue> => {
    const meet = await startGoogleMeetPage();
    const cast = await startSoundCast(meet.page as MeetingPage<object>, layOut('channels'));
    return {
      platform: 'google_meet',
      origin: meet.page.url,
      async begin(people) {
        meet.begin({ hasLobby: false, people: people.map((name) => ({ id: keyOf(name), name })) });
        return Promise.resolve(meet.url);
      },
      say: (lines) => sayByKey(cast, lines),
      end: async () => Promise.resolve(meet.page.update({ screen: 'ended' })),
      close: () => closeAll(cast, meet),
    };
  },

  teams: async (): Promise<Venue> => {
    const meeting = await TeamsMeeting.start();
    // by its name the bot knows it: under another it is believed once nothing else was heard
    const mix: SoundLayout = { kind: 'mix', trackId: 'mainAudio-1' };
    const cast = await startSoundCast(meeting.page as MeetingPage<object>, mix);
    return {
      platform: 'teams',
      origin: meeting.page.url,
      async begin(people) {
        meeting.open('call', { people: people.map((name) => ({ key: keyOf(name), name })) });
        return Promise.resolve(meeting.link);
      },
      say: (lines) => sayByKey(cast, lines),
      end: async () => Promise.resolve(meeting.end()),
      close: () => closeAll(cast, meeting.page),
    };
  },

  zoom: async (): Promise<Venue> => {
    const meeting = await startZoomMeeting();
    const cast = await startSoundCast(meeting as MeetingPage<object>, layOut('mix'));
    return {
      platform: 'zoom',
      origin: meeting.url,
      async begin(people) {
        const all = people.map((name, index) => ({
          key: keyOf(name),
          id: 16_778_240 + index,
          name,
        }));
        meeting.reset(makeZoomState({ sound: 'webrtc', people: all }));
        return Promise.resolve(`${meeting.url}/j/81234567890`);
      },
      say: (lines) => sayByKey(cast, lines),
      end: async () => Promise.resolve(meeting.update({ ending: 'ended' })),
      close: () => closeAll(cast, meeting),
    };
  },

  jitsi: async (): Promise<Venue> => {
    const meeting = await startJitsiMeeting();
    const cast = await startSoundCast(meeting as MeetingPage<object>, layOut('per_person'));
    return {
      platform: 'jitsi',
      origin: meeting.url,
      async begin(people) {
        const all = people.map((name) => ({ id: jitsiIdOf(name), name }));
        meeting.reset({ ...JITSI_FRESH, people: all });
        for (const { id } of all) await cast.addTrack({ label: id, streamId: `${id}-audio-0-1` });
        return `${meeting.url}/Bench`;
      },
      say: (lines) => sayByKey(cast, lines, jitsiIdOf),
      end: async () => Promise.resolve(meeting.update({ end: 'ended' })),
      close: () => closeAll(cast, meeting),
    };
  },

  livekit: async (): Promise<Venue> => {
    const server = await startLivekitServer();
    const meet = await startLivekitMeet(server);
    let room: LivekitRoom | null = null;
    const leaveRoom = async (): Promise<void> => {
      await room?.close();
      room = null;
    };
    return {
      platform: 'livekit',
      origin: meet.url,
      async begin(people) {
        await leaveRoom();
        room = await openLivekitRoom({ server, name: `bench-${Date.now()}` });
        for (const person of people) await room.addPerson(person);
        return `${meet.url}/rooms/${room.name}`;
      },
      async say(lines) {
        const named = lines.map(({ person, ...line }) => ({ ...line, name: person }));
        const [first] = (await room?.addSpeakers(named)) ?? [];
        return (first?.startMs ?? 0) - (lines[0]?.atMs ?? 0);
      },
      end: async () => void (room && (await server.deleteRoom(room.name))),
      async close() {
        await leaveRoom();
        await closeAll(meet, server);
      },
    };
  },

  custom: async (): Promise<Venue> => {
    const room = await startPracticeRoom({
      host: '127.0.0.1',
      port: 0,
      forgetAfterMs: 60_000,
      absenceMs: 5_000,
    });
    const quiet = await launchTestBrowser();
    let guests: FakeParticipant[] = [];
    const leaveRoom = async (): Promise<void> => {
      await Promise.allSettled(guests.splice(0).map((guest) => guest.kill()));
    };
    return {
      platform: 'custom',
      origin: room.url,
      async begin(people) {
        await leaveRoom();
        const roomUrl = `${room.url}/r/bench-${Date.now()}`;
        guests = [];
        for (const [index, name] of people.entries()) {
          const audioFile = MICROPHONES[index];
          const microphone = audioFile ? { audioFile } : { browser: quiet };
          const guest = { roomUrl, name, chromiumPath: findChromium(), ...microphone };
          guests.push(await startFakeParticipant(guest));
        }
        return roomUrl;
      },
      /** Two people have a file each for a microphone: they say the stand-up, whatever is asked. */
      async say() {
        await Promise.all(
          guests.slice(0, MICROPHONES.length).map((guest) => guest.startSpeaking()),
        );
        return Date.now();
      },
      end: async () => void (await guests[0]?.endMeeting()),
      async close() {
        await leaveRoom();
        await closeAll(quiet, room);
      },
    };
  },
};

/** Each takes a browser of its own; people without one share another. */
const MICROPHONES = ['test/audio/standup-maya.wav', 'test/audio/standup-jonas.wav'];

/** What the figures of each rest on. */
export const VENUE_DESCRIPTIONS: Readonly<Record<VenueName, string>> = {
  google_meet: 'stand-in page, three rotating channels, glowing tiles',
  teams: 'stand-in page, one mix with contributing sources, outlined tiles',
  zoom: 'stand-in page, one mix, who speaks shown by icons alone',
  jitsi: 'stand-in page, one track per person',
  livekit: 'a real LiveKit server and its own page, one track per person',
  custom: 'the practice room, one track per person',
};

const keyOf = (name: string): string => `8:orgid:${name.toLowerCase()}`;
/** Eight hex digits, as Jitsi gives its endpoints. */
const jitsiIdOf = (name: string): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 8);

function layOut(kind: SoundLayout['kind']): SoundLayout {
  if (kind === 'channels') return { kind, count: 3 };
  return kind === 'mix' ? { kind } : { kind, people: [] };
}

async function sayByKey(
  cast: SoundCast,
  lines: readonly SpokenLine[],
  makeKey = keyOf,
): Promise<number> {
  const turns = await cast.say(lines.map((line) => ({ ...line, person: makeKey(line.person) })));
  return (turns[0]?.startMs ?? 0) - (lines[0]?.atMs ?? 0);
}

async function closeAll(...all: { close(): Promise<unknown> }[]): Promise<void> {
  for (const each of all) await each.close();
}
