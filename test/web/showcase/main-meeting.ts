import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Database } from '../../../infra/database/client';
import { createDiskAudioStore } from '../../../infra/audio-store-disk';
import { insertEvidence, type EvidenceFiles } from './evidence';
import { MeetingWriter, type Said } from './meeting-writer';
import { ANALYSIS, LINES, PEOPLE, UNHEARD, UNREADABLE } from './words';

const SECONDS = 412;

export interface MainMeetingOptions {
  userId: number;
  origin: Date;
  /** Where recordings lie. */
  audioDir: string;
  ffmpegPath: string;
  /** What the bot saw before it was lost. */
  picture: Buffer;
}

/** Seekable, as assembled recordings are; nobody has to listen to it. */
function makeRecording(ffmpegPath: string): Buffer {
  const source = `anoisesrc=amplitude=0.01:color=brown:sample_rate=16000:duration=${SECONDS}`;
  const file = path.join(os.tmpdir(), `recording-${process.pid}.webm`);
  const encode = ['-c:a', 'libopus', '-b:a', '8k', '-y', file];
  execFileSync(ffmpegPath, ['-loglevel', 'error', '-f', 'lavfi', '-i', source, ...encode]);
  try {
    return fs.readFileSync(file);
  } finally {
    fs.rmSync(file);
  }
}

type People = Record<keyof typeof PEOPLE, number>;

/** A meeting with all that can stand in one: gaps, corrections, two attempts, chat, a recording. */
export async function insertMainMeeting(
  db: Database,
  { userId, origin, audioDir, ffmpegPath, picture }: MainMeetingOptions,
): Promise<number> {
  const recording = makeRecording(ffmpegPath);
  const end = new Date(origin.getTime() + SECONDS * 1_000);
  const meeting = await MeetingWriter.create(db, {
    ...{ userId, origin, title: 'Product weekly', actualStart: origin, actualEnd: end },
    ...{ status: 'completed', botStatus: 'ended', reason: 'alone', isRecorded: true },
    ...{ recordingStatus: 'ready', recordingMs: SECONDS * 1_000 },
    ...{ recordingBytes: recording.length },
  });
  const { meetingId } = meeting;
  const recordingKey = `meetings/${meetingId}/recording.webm`;
  await createDiskAudioStore(audioDir).put(recordingKey, recording);
  await db.prisma.meeting.update({ where: { id: meetingId }, data: { recordingKey } });
  const people = await addPeople(meeting);
  const [first, second] = await addAttempts(db, meeting, { audioDir, picture });
  await tellBeginning(meeting, people);
  const saidById = await sayAll(meeting, people, [first, second]);
  await tellEnd(meeting);
  await meeting.finish();
  await addAnalysis(db, { meetingId, idAt: saidById, at: end });
  await db.prisma.meetingNotes.create({
    data: { meetingId, userId, text: 'Ask Helena on Monday, before the page is printed.' },
  });
  return meetingId;
}

async function addPeople(meeting: MeetingWriter): Promise<People> {
  await meeting.addPerson('Notetaker', { role: 'bot' });
  const maya = await meeting.addPerson(PEOPLE.maya, { role: 'host' });
  const jonas = await meeting.addPerson(PEOPLE.jonas);
  const priya = await meeting.addPerson(PEOPLE.priya, { leaveTime: meeting.at(SECONDS) });
  return { maya, jonas, priya, tom: await meeting.addPerson(PEOPLE.tom) };
}

async function addAttempts(
  db: Database,
  meeting: MeetingWriter,
  evidence: EvidenceFiles,
): Promise<[number, number]> {
  const crashed = await meeting.addAttempt(1, {
    ...{ status: 'failed', reason: 'connection_lost', confidence: 'likely' },
    ...{ signs: ['text: You lost your network connection', 'no sound for 12 s'] },
    ...{ createdAt: meeting.at(-21), joinedAt: meeting.at(0), endedAt: meeting.at(UNHEARD[0]) },
    ...{ fencedAt: meeting.at(UNHEARD[0] + 4) },
  });
  await insertEvidence(db, crashed, evidence);
  const last = await meeting.addAttempt(2, {
    ...{ status: 'ended', reason: 'alone', confidence: 'certain' },
    createdAt: meeting.at(UNHEARD[0] + 5),
    ...{ joinedAt: meeting.at(UNHEARD[1]), endedAt: meeting.at(SECONDS) },
  });
  return [crashed, last];
}

async function tellBeginning(meeting: MeetingWriter, people: People): Promise<void> {
  await meeting.tell(-22, {
    ...{ type: 'meeting.status', status: 'joining', reason: null, message: null },
  });
  const bot = { type: 'bot.status', attempt: 1, reason: null, message: null } as const;
  await meeting.tell(-20, { ...bot, status: 'joining' });
  await meeting.tell(-12, { ...bot, status: 'waiting_room' });
  await meeting.tell(0, { ...bot, status: 'in_meeting' });
  await meeting.tell(0, { type: 'meeting.status', status: 'live', reason: null, message: null });
  for (const key of ['maya', 'jonas', 'priya', 'tom'] as const) {
    const participant = { id: people[key], name: PEOPLE[key] };
    await meeting.tell(1, { type: 'participant.joined', participant });
  }
  await meeting.tell(3, {
    type: 'chat.message',
    from: 'Notetaker',
    text: 'Hello, I take notes for Maya Okafor. Ask her if you do not want that.',
  });
  await meeting.tell(82, {
    type: 'chat.message',
    from: PEOPLE.tom,
    text: 'Thursday is a holiday here',
  });
  await meeting.tell(84, {
    type: 'chat.message',
    from: PEOPLE.priya,
    text: 'The numbers: https://example.org/reports/quarter',
  });
}

function toSaid(people: People): (Said & { second: number })[] {
  return LINES.map(([who, second, text], index) => {
    const next = LINES[index + 1]?.[1] ?? SECONDS;
    const length = Math.min(next - second, Math.ceil(text.length / 15));
    return {
      second,
      person: who === null ? null : people[who],
      startMs: second * 1_000,
      endMs: (second + length) * 1_000 - 200,
      text,
      isCorrected: second === 110 || second === 265,
    };
  });
}

async function sayAll(
  meeting: MeetingWriter,
  people: People,
  [first, second]: readonly [number, number],
): Promise<Map<number, number>> {
  const all = toSaid(people);
  const [lost, back] = UNHEARD;
  const before = all.filter((each) => each.second < lost);
  const after = all.filter((each) => each.second >= lost);
  const ids = await meeting.say(first, before);
  await meeting.tell(lost, {
    ...{ type: 'bot.status', attempt: 1, status: 'failed', reason: 'connection_lost' },
    message: 'The bot lost its connection to the meeting.',
  });
  await meeting.tell(back, {
    ...{ type: 'bot.status', attempt: 2, status: 'in_meeting', reason: null, message: null },
  });
  await meeting.tell(back, {
    ...{ type: 'gap', startMs: lost * 1_000, endMs: back * 1_000, attempt: 1 },
    reason: 'connection_lost',
  });
  ids.push(...(await meeting.say(second, after)));
  const [from, to] = UNREADABLE;
  await meeting.tell(to, {
    ...{ type: 'chunk.failed', startMs: from * 1_000, endMs: to * 1_000 },
    reason: 'not_audio',
  });
  return new Map([...before, ...after].map((each, index) => [each.second, ids[index] ?? 0]));
}

async function tellEnd(meeting: MeetingWriter): Promise<void> {
  const over = {
    reason: 'alone',
    message: 'The bot left because everyone else had left.',
  } as const;
  await meeting.tell(SECONDS, { type: 'bot.status', attempt: 2, status: 'ended', ...over });
  await meeting.tell(SECONDS + 1, {
    ...{ type: 'meeting.status', status: 'processing', reason: null, message: null },
  });
  await meeting.tell(SECONDS + 4, { type: 'recording.status', status: 'ready' });
  await meeting.tell(SECONDS + 5, {
    ...{ type: 'transcript.ready', version: 1, segments: LINES.length },
  });
  await meeting.tell(SECONDS + 5, { type: 'meeting.status', status: 'completed', ...over });
  await meeting.tell(SECONDS + 9, { type: 'analysis.status', run: 1, status: 'completed' });
}

async function addAnalysis(
  db: Database,
  { meetingId, idAt, at }: { meetingId: number; idAt: ReadonlyMap<number, number>; at: Date },
): Promise<void> {
  const cite = <Claim extends { at: readonly number[] }>({ at: seconds, ...claim }: Claim) => ({
    ...claim,
    segmentIds: seconds.map((second) => idAt.get(second) ?? 0),
  });
  const { summary, decisions, actionItems, topics, openQuestions } = ANALYSIS;
  await db.prisma.analysisResult.create({
    data: {
      ...{ meetingId, run: 1, status: 'completed', provider: 'openai', model: 'large-instruct' },
      ...{ transcriptVersion: 1, droppedClaims: 1, inputTokens: 2_840, outputTokens: 610 },
      ...{ createdAt: at, completedAt: at },
      resultData: {
        summary: summary.map(cite),
        decisions: decisions.map(cite),
        actionItems: actionItems.map(cite),
        topics: topics.map(cite),
        openQuestions: openQuestions.map(cite),
      },
    },
  });
}
