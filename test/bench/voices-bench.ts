import { setTimeout as delay } from 'node:timers/promises';
import type { Segment } from '../../domain/segment';
import { readSegments } from '../../infra/database/events';
import { say } from '../../temporal-dev/terminal';
import { startBenchStack, type BenchStack } from './bench-stack';
import { describeMachine, formatTable, mergeRows, today, writeSection } from './docs-section';
import { VENUES, VENUE_DESCRIPTIONS, type Venue, type VenueName } from './venues';
import { scoreTranscript, type Score } from './voices/score';
import { listSpeakers, writeScript } from './voices/script';

const SPEAKERS = [2, 4, 8];
const PLATFORMS: VenueName[] = ['livekit', 'google_meet', 'teams', 'zoom', 'jitsi'];
const TAIL_MS = 3_000;
const LOOK_MS = 500;
const STEP_TIMEOUT_MS = 180_000;
const FINAL = ['completed', 'failed', 'cancelled'];

interface Case {
  venue: Venue;
  speakers: number;
  hasOverlap: boolean;
}

/** `npm run bench -- voices [platforms]`: who is said to have spoken, and how well it was heard. */
export async function benchVoices(words: string[]): Promise<void> {
  const names = words.length > 0 ? PLATFORMS.filter((name) => words.includes(name)) : PLATFORMS;
  const venues: Venue[] = [];
  let bench: BenchStack | undefined;
  const rows: string[][] = [];
  try {
    for (const name of names) venues.push(await VENUES[name]());
    const origins = venues.map(({ origin }) => origin).join(',');
    bench = await startBenchStack({ BOT_ALLOWED_ORIGINS: origins });
    for (const venue of venues) {
      for (const speakers of SPEAKERS) {
        for (const hasOverlap of [false, true]) {
          rows.push(await tellCase(bench, { venue, speakers, hasOverlap }));
          say((rows.at(-1) ?? []).join('  '));
        }
      }
      writeSection('voices', formatReport(mergeRows('voices', rows, PLATFORMS)));
    }
  } finally {
    await bench?.stop();
    for (const venue of venues) await venue.close();
  }
}

/** A case that fails is told as that, and the others are measured all the same. */
async function tellCase(bench: BenchStack, one: Case): Promise<string[]> {
  const about = [one.venue.platform, String(one.speakers), one.hasOverlap ? 'yes' : 'no'];
  try {
    return [...about, ...formatScore(await runCase(bench, one)), today()];
  } catch (error) {
    say(String(error));
    return [...about, 'not measured: it failed', '', '', '', '', today()];
  }
}

async function runCase(
  { api, db, createMeeting }: BenchStack,
  { venue, speakers, hasOverlap }: Case,
): Promise<Score> {
  const { platform } = venue;
  const link = await venue.begin(listSpeakers(speakers));
  const meetingId = await createMeeting({ platform, link });
  await api.startBot(meetingId);
  const row = await waitFor(async () => {
    const meeting = await db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    if (FINAL.includes(meeting.status)) throw new Error(`The bot never got in: ${meeting.reason}`);
    return meeting.clockOrigin === null ? null : meeting;
  });
  const script = writeScript(speakers, hasOverlap);
  const startedAtMs = await venue.say(script);
  const endMs = Math.max(...script.map((line) => line.atMs + line.toMs - line.fromMs));
  await delay(startedAtMs + endMs + TAIL_MS - Date.now());
  await venue.end();
  await waitFor(async () => {
    const meeting = await db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    return FINAL.includes(meeting.status) ? meeting : null;
  });
  const read = await readSegments(db, { meetingId, after: 0, version: 1 }, 10_000);
  const segments = read
    .flatMap(({ event }): Segment[] => ('segment' in event ? [event.segment] : []))
    .sort((a, b) => a.startMs - b.startMs);
  return scoreTranscript(script, segments, startedAtMs - (row.clockOrigin?.getTime() ?? 0));
}

async function waitFor<Found>(look: () => Promise<Found | null>): Promise<Found> {
  const deadline = AbortSignal.timeout(STEP_TIMEOUT_MS);
  while (!deadline.aborted) {
    const found = await look();
    if (found !== null) return found;
    await delay(LOOK_MS);
  }
  throw new Error(`Expected the meeting to get on within ${STEP_TIMEOUT_MS / 1000} s`);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function formatScore(score: Score): string[] {
  const { right, unattributed, wrong, words, wordsByName } = score;
  return [right, unattributed, wrong, words, wordsByName].map(percent);
}

function formatReport(rows: string[][]): string {
  const measured = PLATFORMS.filter((name) => rows.some(([platform]) => platform === name));
  const places = measured.map((name) => `${name}: ${VENUE_DESCRIPTIONS[name]}`).join('; ');
  return [
    '## Who said what',
    '',
    `\`npm run bench -- voices\` on ${describeMachine()}. Nine lines of synthetic speech, said in turns by 2, 4 or 8 people, each 0.35 s after the other, or with every second line beginning 1.2 s before the one before it has ended. A real bot in Chromium, real WebRTC, Whisper tiny.en on one core. ${places}.`,
    '',
    ...formatTable(
      [
        'platform',
        'speakers',
        'overlap',
        'words under the right name',
        'under none',
        'under a wrong one',
        'word error rate',
        'word error rate by name',
        'measured',
      ],
      rows,
    ),
    '',
    'Of the words heard, a word counts as right under the name of anybody who spoke at its place. The last column compares what stands under each name with what that person said.',
  ].join('\n');
}
