import { z } from 'zod';
import {
  attemptSchema,
  meetingListSchema,
  meetingSchema,
  type MeetingList,
} from '../../../domain/api';
import { meetingPlatformSchema, platformSchema } from '../../../domain/platforms';
import { meetingStatusSchema } from '../../../domain/statuses';
import { isStorableText } from '../../../domain/text';
import { readLink } from '../../make-meeting';
import { readAttemptViews, readMeetingPage, toMeetingView } from '../../meeting-view';
import { requireOperation } from '../../operations/all';
import { requireMeetingOf } from '../../own-meeting';
import { defineTool, meetingIdSchema, READS } from '../tool';
import { DATA_NOTICE, toAttemptLine, toMeetingLine } from '../transcript-text';

export const page = {
  limit: z.int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the page before'),
};

export const linkFields = {
  link: z.string().min(1).max(2_000).describe('The meeting’s link, as people share it'),
  platform: z
    .enum(['jitsi', 'livekit'])
    .optional()
    .describe('For links whose host does not tell what it serves'),
};

const parseLink = defineTool({
  name: 'parse_link',
  title: 'Parse a meeting link',
  description: 'Says which platform and meeting a link leads to. Sends no bot, looks nothing up.',
  twin: requireOperation('get /api/meetings'),
  input: z.strictObject(linkFields),
  output: z.object({
    platform: meetingPlatformSchema,
    platformMeetingId: z.string(),
    url: z.string().describe('Without passcode'),
    hasPasscode: z.boolean(),
  }),
  annotations: READS,
  run({ deps }, { link, platform }) {
    const { passcode, ...found } = readLink(deps, { meetingUrl: link, platform });
    return Promise.resolve({ ...found, hasPasscode: passcode !== null });
  },
  toText: ({ platform, platformMeetingId, url }) => `${platform} ${platformMeetingId}: ${url}`,
});

const listMeetings = defineTool({
  name: 'list_meetings',
  title: 'List meetings',
  description: 'Your meetings from the newest on.',
  twin: requireOperation('get /api/meetings'),
  input: z.strictObject({
    status: meetingStatusSchema.optional(),
    platform: platformSchema.optional(),
    ...page,
  }),
  output: meetingListSchema,
  annotations: READS,
  run: ({ deps, caller }, query) => readMeetingPage(deps.database, caller.principal.userId, query),
  toText: toListText,
});

const findMeetings = defineTool({
  name: 'find_meetings',
  title: 'Find meetings by title',
  description: 'Your meetings whose title contains this text, from the newest on.',
  twin: requireOperation('get /api/meetings'),
  input: z.strictObject({
    title: z.string().trim().min(1).max(200).refine(isStorableText).describe('Part of the title'),
    ...page,
  }),
  output: meetingListSchema,
  annotations: READS,
  run: ({ deps, caller }, { title, ...query }) =>
    readMeetingPage(deps.database, caller.principal.userId, { q: title, ...query }),
  toText: toListText,
});

const getMeeting = defineTool({
  name: 'get_meeting',
  title: 'Read a meeting',
  description:
    'A meeting’s state and every run of a bot in it: how it ended, why, and what can be done.',
  twin: requireOperation('get /api/meetings/{id}'),
  input: z.strictObject({ meetingId: meetingIdSchema }),
  output: z.object({ meeting: meetingSchema, attempts: z.array(attemptSchema) }),
  annotations: READS,
  async run({ deps, caller }, { meetingId }) {
    const { userId } = caller.principal;
    const meeting = await requireMeetingOf(deps.database, { meetingId, userId });
    const attempts = await readAttemptViews(deps.database, meetingId);
    return { meeting: toMeetingView(meeting), attempts };
  },
  toText: ({ meeting, attempts }) =>
    [DATA_NOTICE, toMeetingLine(meeting), meeting.message ?? '', ...attempts.map(toAttemptLine)]
      .filter((line) => line !== '')
      .join('\n'),
});

function toListText({ meetings, nextCursor }: MeetingList): string {
  if (meetings.length === 0) return 'No such meetings.';
  const more = nextCursor === null ? [] : [`More with cursor ${nextCursor}`];
  return [DATA_NOTICE, ...meetings.map(toMeetingLine), ...more].join('\n');
}

export const MEETING_TOOLS = [parseLink, listMeetings, findMeetings, getMeeting];
