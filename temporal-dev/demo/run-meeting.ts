import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Analysis } from '../../domain/analysis';
import type { MeetingEvent } from '../../domain/events';
import type { Segment } from '../../domain/segment';
import { startFakeParticipant, type FakeParticipant } from '../../test/fake-participant';
import type { DemoApiClient, DemoMeeting } from './api-client';
import type { Conversation } from './conversation';

export interface RunMeetingOptions {
  api: DemoApiClient;
  practiceRoomUrl: string;
  chromiumPath: string;
  conversation: Conversation;
  /** Has the call recorded too. */
  recording?: boolean;
  /** Told of each step and each event, with the moment it arrived. */
  onStep?: (text: string) => void;
  onEvent?: (event: MeetingEvent, arrivedAtMs: number) => void;
  /** Called once everybody speaks; tests break things here. */
  onSpeaking?: (meetingId: number) => void;
}

/** What a meeting left behind, with when each thing reached the follower. */
export interface MeetingRun {
  meeting: DemoMeeting;
  workflowUrl: string;
  events: MeetingEvent[];
  segments: Segment[];
  analysis: Analysis;
  /** From the end of each utterance to its text at the follower, in milliseconds. */
  latenciesMs: number[];
}

const FINAL_STATUSES = ['completed', 'failed', 'cancelled'];

/** Holds a conversation in the practice room with a bot in it, from link to analysis. */
export async function runMeeting(options: RunMeetingOptions): Promise<MeetingRun> {
  const { api, conversation, onStep = () => undefined } = options;
  const roomUrl = `${options.practiceRoomUrl}/r/demo-${randomUUID().slice(0, 8)}`;
  const meeting = await api.createMeeting({
    title: conversation.title,
    meetingUrl: roomUrl,
    recording: options.recording ?? false,
  });
  const follower = new Follower(options, meeting.id);
  const people: FakeParticipant[] = [];
  try {
    onStep(`${conversation.speakers.map((each) => each.name).join(' and ')} open the call`);
    for (const { name, audioFile } of conversation.speakers) {
      const { chromiumPath } = options;
      const host = people.length === 0;
      people.push(await startFakeParticipant({ roomUrl, name, audioFile, chromiumPath, host }));
    }
    onStep('the bot is asked to join');
    const { workflowUrl } = await api.startBot(meeting.id);
    await follower.waitFor((event) => event.type === 'bot.status' && event.status === 'in_meeting');
    onStep('the bot is in the meeting; the conversation begins');
    await Promise.all(people.map((person) => person.startSpeaking()));
    const speechStartMs = Date.now();
    options.onSpeaking?.(meeting.id);
    await delay(conversation.durationMs);
    onStep(`${conversation.speakers[0]?.name ?? 'the host'} ends the call`);
    await people[0]?.endMeeting();
    await follower.waitFor(
      (event) => event.type === 'meeting.status' && FINAL_STATUSES.includes(event.status),
    );
    await follower.waitFor(
      (event) => event.type === 'analysis.status' && event.status !== 'running',
    );
    const ended = await api.readMeeting(meeting.id);
    const originMs = Date.parse(ended.actualStart ?? '');
    return {
      meeting: ended,
      workflowUrl,
      events: follower.events,
      segments: follower.segments(),
      analysis: await api.readAnalysis(meeting.id),
      latenciesMs: follower.measureLatencies(conversation, speechStartMs, originMs),
    };
  } finally {
    follower.stop();
    await Promise.allSettled(people.map((person) => person.kill()));
  }
}

/** Longest wait for any one step: joining, draining or analysing. */
const STEP_TIMEOUT_MS = 180_000;

/** Whisper's start of a segment lies up to this much before the first sound. */
const START_TOLERANCE_MS = 700;

class Follower {
  readonly events: MeetingEvent[] = [];
  private readonly arrivals = new Map<number, number>();
  private readonly abort = new AbortController();
  private readonly ended: Promise<unknown>;
  private wake = (): void => undefined;

  constructor(options: RunMeetingOptions, meetingId: number) {
    this.ended = this.follow(options, meetingId);
  }

  private async follow({ api, onEvent }: RunMeetingOptions, meetingId: number): Promise<void> {
    for await (const event of api.follow(meetingId, this.abort.signal)) {
      const arrivedAtMs = Date.now();
      this.events.push(event);
      this.arrivals.set(event.seq, arrivedAtMs);
      onEvent?.(event, arrivedAtMs);
      this.wake();
    }
  }

  async waitFor(isWanted: (event: MeetingEvent['event']) => boolean): Promise<void> {
    const timeout = AbortSignal.timeout(STEP_TIMEOUT_MS);
    while (!this.events.some(({ event }) => isWanted(event))) {
      if (timeout.aborted) {
        const seen = this.events.map(({ event }) => event.type).join(', ');
        throw new Error(
          `Expected the meeting to get on within ${STEP_TIMEOUT_MS / 1000} s, got only: ${seen || 'nothing'}`,
        );
      }
      const next = new Promise<void>((resolve) => (this.wake = resolve));
      await Promise.race([next, this.ended, delay(1_000)]);
    }
  }

  /** The newest state of each segment, by time. */
  segments(): Segment[] {
    const byId = new Map<number, Segment>();
    for (const { event } of this.events) {
      if (event.type === 'segment' || event.type === 'segment.updated')
        byId.set(event.segment.id, event.segment);
    }
    return [...byId.values()].sort((a, b) => a.startMs - b.startMs);
  }

  /**
   * From the end of speech to the text's arrival. Where the words are known beforehand, per
   * utterance: the last segment that its speaker began during it. Else per segment, from its end.
   */
  measureLatencies(conversation: Conversation, speechStartMs: number, originMs: number): number[] {
    const heard = this.segments().map((segment) => ({
      speaker: segment.speaker?.name,
      startedAt: originMs + segment.startMs,
      endedAt: originMs + segment.endMs,
      arrivedAt: this.arrivals.get(segment.seq) ?? NaN,
    }));
    if (conversation.utterances.length === 0) {
      return heard.map((segment) => segment.arrivedAt - segment.endedAt);
    }
    return conversation.utterances.flatMap(({ speaker, startMs, endMs }) => {
      const own = heard.filter(
        (segment) =>
          segment.speaker === speaker &&
          segment.startedAt >= speechStartMs + startMs - START_TOLERANCE_MS &&
          segment.startedAt < speechStartMs + endMs,
      );
      if (own.length === 0) return [];
      return [Math.max(...own.map((each) => each.arrivedAt)) - (speechStartMs + endMs)];
    });
  }

  stop(): void {
    this.abort.abort();
  }
}
