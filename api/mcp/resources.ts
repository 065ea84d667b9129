import {
  ErrorCode as RpcCode,
  McpError,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplate,
} from '@modelcontextprotocol/sdk/types.js';
import type { Meeting } from '../../domain/api';
import { isMeetingActive } from '../../domain/statuses';
import { readCursor, readLatestSegments } from '../../infra/database/events';
import type { MeetingRow } from '../../infra/database/meeting-records';
import { toApiError } from '../error-handler';
import { readAttemptViews, readMeetingPage, toMeetingView } from '../meeting-view';
import { requireOperation } from '../operations/all';
import { requireMeetingOf } from '../own-meeting';
import { perform, type McpContext } from './caller';
import { findRemedyFor } from './remedies';
import type { McpSession } from './session';
import { DATA_NOTICE, flatten, sortByTime, toTranscriptText } from './transcript-text';

const LIST = requireOperation('get /api/meetings');
const MEETING = requireOperation('get /api/meetings/{id}');
const TRANSCRIPT = requireOperation('get /api/meetings/{id}/transcription');
/** What a reader needs to follow a conversation; read_transcript has all of it. */
const LIVE_SEGMENTS = 100;
const LISTED_MEETINGS = 50;
/** As the MCP specification numbers a resource that does not exist. */
const RESOURCE_NOT_FOUND = -32002;

export const RESOURCE_TEMPLATES: ResourceTemplate[] = [
  {
    uriTemplate: 'meeting://{meetingId}',
    name: 'meeting',
    title: 'A meeting',
    description: 'State of a meeting and every run of a bot in it',
    mimeType: 'application/json',
  },
  {
    uriTemplate: 'transcript://{meetingId}/live',
    name: 'live-transcript',
    title: 'A live transcript',
    description: `The last ${LIVE_SEGMENTS} segments of a meeting; subscribe to hear of new ones`,
    mimeType: 'text/plain',
  },
];

/** The newest meetings, and the transcripts of those that are going on. */
export async function listResources(context: McpContext): Promise<Resource[]> {
  const { deps, caller } = context;
  const { meetings } = await perform(context, {
    twin: LIST,
    meetingId: null,
    work: () => readMeetingPage(deps.database, caller.principal.userId, { limit: LISTED_MEETINGS }),
  }).catch((error: unknown) => throwAsRpc(error));
  return meetings.flatMap((meeting) => [
    { uri: `meeting://${meeting.id}`, ...nameOf(meeting), mimeType: 'application/json' },
    ...(isMeetingActive(meeting.status) ? [toLiveResource(meeting)] : []),
  ]);
}

function toLiveResource(meeting: Meeting): Resource {
  const { name, title } = nameOf(meeting);
  return {
    uri: `transcript://${meeting.id}/live`,
    name: `${name}-live`,
    title: `Live transcript: ${title}`,
    mimeType: 'text/plain',
  };
}

function nameOf({ id, title }: Meeting): { name: string; title: string } {
  return { name: `meeting-${id}`, title: title === null ? `Meeting ${id}` : flatten(title) };
}

type Target = { kind: 'meeting' | 'live'; meetingId: number };

function parseUri(uri: string): Target {
  const meeting = /^meeting:\/\/([1-9]\d{0,9})$/.exec(uri)?.[1];
  const live = /^transcript:\/\/([1-9]\d{0,9})\/live$/.exec(uri)?.[1];
  const meetingId = Number(meeting ?? live);
  if (meetingId <= 2_147_483_647) return { kind: meeting ? 'meeting' : 'live', meetingId };
  throw new McpError(RESOURCE_NOT_FOUND, 'Expected meeting://<id> or transcript://<id>/live');
}

export async function readResource(context: McpContext, uri: string): Promise<ReadResourceResult> {
  const { kind, meetingId } = parseUri(uri);
  const [mimeType, text] =
    kind === 'meeting'
      ? (['application/json', await readMeetingText(context, meetingId)] as const)
      : (['text/plain', await readLiveText(context, meetingId)] as const);
  return { contents: [{ uri, mimeType, text }] };
}

async function readMeetingText(context: McpContext, meetingId: number): Promise<string> {
  const meeting = await requireMeeting(context, { kind: 'meeting', meetingId });
  const attempts = await readAttemptViews(context.deps.database, meetingId);
  return JSON.stringify({ meeting: toMeetingView(meeting), attempts });
}

async function readLiveText(context: McpContext, meetingId: number): Promise<string> {
  const meeting = await requireMeeting(context, { kind: 'live', meetingId });
  const position = { meetingId, version: meeting.transcriptVersion };
  const segments = await readLatestSegments(context.deps.database, position, LIVE_SEGMENTS);
  return `${DATA_NOTICE}\n\n${toTranscriptText(sortByTime(segments))}`;
}

async function requireMeeting(
  context: McpContext,
  { kind, meetingId }: Target,
): Promise<MeetingRow> {
  const { deps, caller } = context;
  const key = { meetingId, userId: caller.principal.userId };
  return perform(context, {
    twin: kind === 'meeting' ? MEETING : TRANSCRIPT,
    meetingId,
    work: () => requireMeetingOf(deps.database, key),
  }).catch((error: unknown) => throwAsRpc(error));
}

/** Has the session hear of new segments, and of the meeting's deletion. */
export async function subscribe(
  context: McpContext,
  session: McpSession | null,
  uri: string,
): Promise<void> {
  const known = requireSession(session);
  const target = parseUri(uri);
  if (target.kind !== 'live') {
    throw new McpError(RpcCode.InvalidParams, 'Expected transcript://<id>/live to subscribe to');
  }
  const { meetingId } = target;
  await requireMeeting(context, target);
  const after = await readCursor(context.deps.database, meetingId);
  try {
    known.subscribe(uri, () => follow(context, known, { uri, meetingId, after }));
  } catch (error) {
    throwAsRpc(error);
  }
}

export function unsubscribe(session: McpSession | null, uri: string): void {
  requireSession(session).unsubscribe(uri);
}

function requireSession(session: McpSession | null): McpSession {
  if (session) return session;
  const message = 'Expected the Mcp-Session-Id that initialize gave: subscriptions need a session';
  throw new McpError(RpcCode.InvalidRequest, message);
}

function follow(
  { live }: McpContext,
  session: McpSession,
  { uri, meetingId, after }: { uri: string; meetingId: number; after: number },
): () => void {
  return live.events.follow({
    key: meetingId,
    meetingId,
    after,
    isReady: () => true,
    take({ event }) {
      if (event.type === 'segment' || event.type === 'segment.updated') session.notice(uri);
      return true;
    },
    end(reason) {
      // Whoever reads it now learns that it is gone.
      if (reason === 'meeting_deleted') session.notice(uri);
    },
  });
}

function throwAsRpc(error: unknown): never {
  const { code, message, status } = toApiError(error);
  const rpcCode = status === 404 ? RESOURCE_NOT_FOUND : codeOf(status);
  throw new McpError(rpcCode, message, { code, remedy: findRemedyFor(code) });
}

function codeOf(status: number): number {
  return status < 500 ? RpcCode.InvalidRequest : RpcCode.InternalError;
}
