import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { MeetingPage, Turn } from './meeting-page';
import { launchTestBrowser } from './test-browser';

const AUDIO = join(__dirname, '../audio');
const FIRST_SOURCE = 1001;

/** How the platform lays the voices into tracks. */
export type SoundLayout =
  /** A track for each person; `streamIds` name their MediaStreams, the person's key if absent. */
  | { kind: 'per_person'; people: string[]; streamIds?: Record<string, string> }
  /** A few tracks, each carrying whoever speaks: a speaker takes the one that is free longest. */
  | { kind: 'channels'; count: number }
  /** One track with everybody in it; with `repetition`, another of the same sound beside it. */
  | { kind: 'mix'; trackId?: string; repetition?: boolean };

export interface CastTrack {
  label: string;
  /** Names of its stream and itself, as the page reads them. */
  streamId?: string;
  trackId?: string;
  /** The track whose sound this one has as well. */
  repeats?: string;
}

export interface SpokenLine {
  person: string;
  /** File in test/audio. */
  wav: string;
  atMs: number;
  /** The part of the file that is heard; all of it if absent. */
  fromMs?: number;
  toMs?: number;
}

interface CastLine extends Required<SpokenLine> {
  track: string;
  source: number;
}

/** What cast.js puts on its window. */
declare const cast: {
  ready: Promise<boolean>;
  addTrack(track: CastTrack): void;
  load(name: string, base64: string): Promise<number>;
  say(lines: CastLine[]): Promise<Turn[]>;
  disconnect(): void;
};

export interface SoundCast {
  /** Another track, of which nobody knew before. */
  addTrack(track: CastTrack): Promise<void>;
  /** Times count from the call of this; answers who speaks when on the wall clock. */
  say(lines: SpokenLine[]): Promise<Turn[]>;
  /** The number by which a person is named as a contributing source. */
  sourceOf(person: string): number;
  /** Closes the connections to all pages. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Everyone else in the meeting, as far as ears go: a browser that sends their voices to the page. One
 * that is there already may be shared.
 */
export async function startSoundCast(
  meetingPage: MeetingPage<object>,
  layout: SoundLayout,
  shared?: Browser,
): Promise<SoundCast> {
  const browser = shared ?? (await launchTestBrowser());
  const page = await browser.newPage();
  await page.goto(`${meetingPage.url}/cast.html`);
  await page.evaluate(() => cast.ready);
  const addTrack = (track: CastTrack) => page.evaluate((one) => cast.addTrack(one), track);
  for (const track of listTracks(layout)) await addTrack(track);

  const people: string[] = [];
  const sourceOf = (person: string) => {
    if (!people.includes(person)) people.push(person);
    return FIRST_SOURCE + people.indexOf(person);
  };
  const durations = new Map<string, number>();
  const load = async (wav: string) => {
    const known = durations.get(wav);
    if (known !== undefined) return known;
    const duration = await page.evaluate((file) => cast.load(file.wav, file.content), {
      wav,
      content: readFileSync(join(AUDIO, wav)).toString('base64'),
    });
    durations.set(wav, duration);
    return duration;
  };

  return {
    sourceOf,
    addTrack,
    async say(lines) {
      const whole: Required<SpokenLine>[] = [];
      for (const line of lines) {
        whole.push({ fromMs: 0, toMs: await load(line.wav), ...line });
      }
      const placed = placeInTracks(layout, whole).map((line) => ({
        ...line,
        source: sourceOf(line.person),
      }));
      return page.evaluate((all) => cast.say(all), placed);
    },
    disconnect: () => page.evaluate(() => cast.disconnect()),
    close: () => (shared ? page.context().close() : browser.close()),
  };
}

function listTracks(layout: SoundLayout): CastTrack[] {
  if (layout.kind === 'mix') {
    const mix = { label: 'mix', ...(layout.trackId && { trackId: layout.trackId }) };
    return layout.repetition ? [mix, { label: 'repetition', repeats: 'mix' }] : [mix];
  }
  if (layout.kind === 'per_person') {
    return layout.people.map((key) => ({ label: key, streamId: layout.streamIds?.[key] ?? key }));
  }
  return Array.from({ length: layout.count }, (_, index) => ({ label: `channel-${index + 1}` }));
}

function placeInTracks(
  layout: SoundLayout,
  lines: Required<SpokenLine>[],
): (Required<SpokenLine> & { track: string })[] {
  if (layout.kind === 'mix') return lines.map((line) => ({ ...line, track: 'mix' }));
  if (layout.kind === 'per_person') return lines.map((line) => ({ ...line, track: line.person }));
  const channels = listTracks(layout).map(({ label }) => ({ label, freeAtMs: -Infinity }));
  return lines
    .toSorted((left, right) => left.atMs - right.atMs)
    .map((line) => {
      const [channel] = channels.toSorted((left, right) => left.freeAtMs - right.freeAtMs);
      if (!channel || channel.freeAtMs > line.atMs) {
        throw new Error(`Expected a free channel for ${line.person} at ${line.atMs} ms, all talk`);
      }
      channel.freeAtMs = line.atMs + line.toMs - line.fromMs;
      return { ...line, track: channel.label };
    });
}

/** The lines of the stand-up in test/audio, each cut out of its speaker's file. */
export function readStandup(): (Required<SpokenLine> & { text: string })[] {
  const { utterances } = JSON.parse(readFileSync(join(AUDIO, 'standup.json'), 'utf8')) as {
    utterances: { speaker: string; startMs: number; endMs: number; text: string }[];
  };
  return utterances.map(({ speaker, startMs, endMs, text }) => ({
    person: speaker,
    wav: `standup-${speaker.toLowerCase()}.wav`,
    atMs: startMs,
    fromMs: startMs,
    toMs: endMs,
    text,
  }));
}
