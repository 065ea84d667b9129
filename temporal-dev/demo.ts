import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify, styleText } from 'node:util';
import type { MeetingEvent } from '../domain/events';
import type { Segment } from '../domain/segment';
import { DemoApiClient } from './demo/api-client';
import { readConversation, type Conversation } from './demo/conversation';
import { runMeeting, type MeetingRun } from './demo/run-meeting';
import { measureWordErrorRate } from './demo/word-error-rate';

const run = promisify(execFile);

/** `npm run demo`: one meeting from link to analysis, told on the terminal as it happens. */
async function demo(): Promise<void> {
  const { values } = parseArgs({ options: { audio: { type: 'string' } } });
  const env = process.env;
  const api = new DemoApiClient(env.API_URL ?? 'http://127.0.0.1:8000');
  const scratch = await mkdtemp(path.join(tmpdir(), 'demo-'));
  try {
    const conversation = values.audio
      ? await readOwnAudio(path.resolve(values.audio), scratch)
      : await readConversation(path.join(__dirname, '../test/audio/standup.json'));
    await api.signIn('demo@example.org');
    const meeting = await runMeeting({
      api,
      practiceRoomUrl: env.PRACTICE_ROOM_URL ?? 'http://127.0.0.1:8004',
      chromiumPath: env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      conversation,
      onStep: (text) => print(styleText('cyan', `• ${text}`)),
      onEvent: printEvent,
    });
    printAnalysis(meeting);
    printFigures(meeting, conversation);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A file of the user's own is one person's microphone; ffmpeg, if there, makes it fit Chromium. */
async function readOwnAudio(file: string, scratch: string): Promise<Conversation> {
  await access(file).catch(() => {
    throw new Error(`Expected an audio file after --audio, found none at ${file}`);
  });
  const audioFile = path.join(scratch, 'own.wav');
  const convert = ['-v', 'error', '-i', file, '-ac', '1', '-ar', '16000', '-sample_fmt', 's16'];
  await run('ffmpeg', [...convert, audioFile]).catch((error: Error) => {
    throw new Error(`Expected ffmpeg to read ${file}; install ffmpeg, or: ${error.message}`);
  });
  const { size } = await stat(audioFile);
  const durationMs = (size / 32_000) * 1000;
  const speakers = [{ name: 'You', audioFile }];
  return { title: path.basename(file), durationMs, speakers, utterances: [] };
}

function printEvent({ event }: MeetingEvent): void {
  switch (event.type) {
    case 'segment':
      print(formatSegment(event.segment));
      break;
    case 'segment.updated':
      print(styleText('gray', `  corrected: ${formatSegment(event.segment)}`));
      break;
    case 'meeting.status':
    case 'bot.status':
      print(
        styleText(
          'gray',
          `  ${event.type.split('.')[0]} is ${event.status.replace('_', ' ')}${event.message ? ` (${event.message})` : ''}`,
        ),
      );
      break;
    case 'bot.pickup_delayed':
      print(styleText('gray', `  ${event.message}`));
      break;
    case 'participant.joined':
    case 'participant.left':
      print(
        styleText('gray', `  ${event.participant.name ?? 'somebody'} ${event.type.split('.')[1]}`),
      );
      break;
    case 'gap':
      print(styleText('yellow', `  nothing was heard from ${formatTime(event.startMs)} on`));
      break;
    case 'chunk.failed':
      print(
        styleText(
          'yellow',
          `  no words could be had at ${formatTime(event.startMs)}: ${event.reason}`,
        ),
      );
      break;
    case 'meeting.planned':
    case 'participant.renamed':
    case 'chat.message':
    case 'command.status':
    case 'recording.status':
    case 'transcript.ready':
    case 'analysis.status':
    case 'upload.progress':
      break;
  }
}

function formatSegment(segment: Segment): string {
  const name = (segment.speaker?.name ?? 'unknown').padEnd(8);
  return `${styleText('gray', formatTime(segment.startMs))}  ${styleText('bold', name)} ${segment.text}`;
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(14, 21);
}

function printAnalysis({ analysis }: MeetingRun): void {
  const made = analysis.provider === 'local' ? 'extracted on this machine' : analysis.model;
  print(styleText('bold', `\nAnalysis (${analysis.status}, ${made})`));
  const content = analysis.content;
  if (!content) return print(`  ${analysis.error ?? 'none'}`);
  const sections: Array<[string, Array<{ text: string; segmentIds: number[] }>]> = [
    ['Summary', content.summary],
    ['Decisions', content.decisions],
    [
      'Action items',
      content.actionItems.map((item) => ({
        ...item,
        text: formatActionItem(item),
      })),
    ],
    ['Topics', content.topics],
    ['Open questions', content.openQuestions],
  ];
  for (const [title, claims] of sections) {
    print(styleText('cyan', `  ${title}`));
    for (const { text, segmentIds } of claims) {
      print(`    - ${text} ${styleText('gray', `[${segmentIds.join(', ')}]`)}`);
    }
    if (claims.length === 0) print(styleText('gray', '    none'));
  }
}

function formatActionItem(item: { text: string; who: string | null; due: string | null }): string {
  return `${item.who ?? 'somebody'}: ${item.text}${item.due ? ` (due ${item.due})` : ''}`;
}

function printFigures(run: MeetingRun, conversation: Conversation): void {
  print(styleText('bold', '\nFigures'));
  const text = (segments: Segment[]): string => segments.map((each) => each.text).join(' ');
  for (const { name } of conversation.utterances.length > 0 ? conversation.speakers : []) {
    const said = conversation.utterances.filter((each) => each.speaker === name);
    const heard = run.segments.filter((each) => each.speaker?.name === name);
    const rate = measureWordErrorRate(said.map((each) => each.text).join(' '), text(heard));
    print(`  word error rate of ${name.padEnd(8)} ${(rate * 100).toFixed(1)} %`);
  }
  const sorted = run.latenciesMs.toSorted((a, b) => a - b);
  if (sorted.length > 0) {
    const at = (share: number): string =>
      `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
    print(`  end of speech to text on screen: median ${at(0.5)}, p95 ${at(0.95)}`);
  }
  print(`  meeting ${run.meeting.id} is ${run.meeting.status}`);
  print(`  its story in the Temporal Web UI: ${run.workflowUrl}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

demo().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
