import { z } from 'zod';
import { DEFAULT_BOT_NAME } from '../../domain/bot-defaults';
import type { EndReason } from '../../domain/end-reasons';
import { leavePolicySchema } from '../../domain/leave-policy';
import { parseMeetingLink } from '../../domain/meeting-link';
import { platformSchema, type Platform } from '../../domain/platforms';
import type { BotStatus, MeetingStatus } from '../../domain/statuses';

/** A row of the old table `meetings`, and how much was said in it. */
export interface OldMeeting {
  id: number;
  userId: number;
  title: string;
  platform: string | null;
  meetingUrl: string | null;
  scheduledStart: Date | null;
  actualStart: Date | null;
  actualEnd: Date | null;
  status: string | null;
  recordingUrl: string | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  segments: number;
  lastSegmentMs: number;
}

/** What the new table holds of it. */
export interface MovedMeeting {
  platform: Platform;
  platformMeetingId: string | null;
  meetingUrl: string | null;
  passcode: string | null;
  status: MeetingStatus;
  botStatus: BotStatus;
  reason: EndReason | null;
  actualEnd: Date | null;
  /** Where the times of its words count from. */
  clockOrigin: Date | null;
  botName: string;
  leavePolicy: object;
}

const OLD_PLATFORMS: Record<string, Platform> = {
  meet: 'google_meet',
  google: 'google_meet',
  'google meet': 'google_meet',
  microsoft_teams: 'teams',
  msteams: 'teams',
};
const COMPLETED = ['completed', 'complete', 'finished', 'done', 'ended'];
const FAILED = ['failed', 'error'];
const CANCELLED = ['cancelled', 'canceled'];

/** Says in the new words what an old meeting was. The old system is stopped: none goes on. */
export function translateMeeting(old: OldMeeting): MovedMeeting {
  const link = translateLink(old);
  const status = translateStatus(old);
  const start = old.actualStart ?? old.createdAt;
  const spokenUntil =
    start && old.segments > 0 ? new Date(start.getTime() + old.lastSegmentMs) : null;
  return {
    ...link,
    status,
    botStatus: status === 'completed' ? 'ended' : status === 'failed' ? 'failed' : 'none',
    reason: status === 'failed' ? 'unknown' : null,
    actualEnd: old.actualEnd ?? (status === 'created' ? null : spokenUntil),
    clockOrigin: old.segments > 0 ? start : null,
    botName: DEFAULT_BOT_NAME,
    leavePolicy: leavePolicySchema.parse({}),
  };
}

type Link = Pick<MovedMeeting, 'platform' | 'platformMeetingId' | 'meetingUrl' | 'passcode'>;

/** The link decides where it is one; a passcode never stays in it. */
function translateLink({ platform, meetingUrl }: OldMeeting): Link {
  const parsed = meetingUrl === null ? null : parseMeetingLink(meetingUrl.trim());
  if (parsed?.ok) {
    const { url, ...link } = parsed.link;
    return { ...link, meetingUrl: url };
  }
  return {
    platform: translatePlatform(platform),
    platformMeetingId: null,
    meetingUrl: meetingUrl === null ? null : dropSecrets(meetingUrl),
    passcode: null,
  };
}

function translatePlatform(old: string | null): Platform {
  const name = (old ?? '').trim().toLowerCase();
  return platformSchema.safeParse(name).data ?? OLD_PLATFORMS[name] ?? 'custom';
}

function dropSecrets(text: string): string {
  if (!URL.canParse(text)) return text;
  const { origin, pathname } = new URL(text);
  return origin === 'null' ? text : `${origin}${pathname}`;
}

function translateStatus({ status, segments, actualStart }: OldMeeting): MeetingStatus {
  const old = (status ?? '').trim().toLowerCase();
  if (CANCELLED.includes(old)) return 'cancelled';
  if (COMPLETED.includes(old) || segments > 0) return 'completed';
  if (FAILED.includes(old) || actualStart !== null) return 'failed';
  return 'created';
}

/** Bots and hosts were roles there, too; everybody else is a guest. */
export function translateRole(old: string | null): 'bot' | 'host' | 'guest' {
  const role = (old ?? '').trim().toLowerCase();
  if (role === 'organizer' || role === 'organiser') return 'host';
  return z.enum(['bot', 'host', 'guest']).catch('guest').parse(role);
}

/** A slow speaker's word; the old table has no ends. */
const WORD_MS = 400;

/** Until when a piece of speech may have lasted: as its words take, and not into the next. */
export function estimateEndMs(
  { startMs, text }: { startMs: number; text: string },
  nextStartMs: number | undefined,
): number {
  const words = text.split(/\s+/).filter(Boolean).length;
  const spoken = startMs + Math.max(1, words) * WORD_MS;
  return Math.max(startMs, Math.min(spoken, nextStartMs ?? spoken));
}
