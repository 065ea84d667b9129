import { z } from 'zod';
import { analysisSchema, type Analysis } from '../../../domain/analysis';
import { platformSchema } from '../../../domain/platforms';
import { searchPageSchema, searchQuerySchema, type SearchResult } from '../../../domain/search';
import { segmentSchema } from '../../../domain/segment';
import { askForAnalysis, requireAnalysis } from '../../analyses';
import { createSegmentStream, followStream, pickSegments } from '../../live/follow-stream';
import { requireOperation } from '../../operations/all';
import { requireMeetingOf } from '../../own-meeting';
import { readSearchPage } from '../../search-page';
import { toAsked } from '../caller';
import { defineTool, idempotencyKeySchema, meetingIdSchema, readAnswer, READS } from '../tool';
import {
  DATA_NOTICE,
  flatten,
  sortByTime,
  toTranscriptLine,
  toTranscriptText,
} from '../transcript-text';

const LARGEST_SEQ = 2_147_483_647;

const readTranscript = defineTool({
  name: 'read_transcript',
  title: 'Read a transcript',
  description:
    'What was said in a meeting, a page at a time, with speaker and time. Pass `nextCursor` as `cursor` for the next page, and keep the last one: later it gives only what is new. A segment that was corrected comes again under its id.',
  twin: requireOperation('get /api/meetings/{id}/transcription'),
  input: z.strictObject({
    meetingId: meetingIdSchema,
    cursor: z
      .string()
      .regex(/^\d{1,10}$/, 'Expected the nextCursor of an earlier page')
      .refine((text) => Number(text) <= LARGEST_SEQ, { message: 'Expected an earlier nextCursor' })
      .optional(),
    limit: z.int().min(1).max(500).default(100),
    waitSeconds: z
      .int()
      .min(0)
      .max(25)
      .default(0)
      .describe('How long to wait for something new when there is nothing yet'),
  }),
  output: z.object({
    meetingId: z.int(),
    segments: z.array(segmentSchema.omit({ words: true })),
    nextCursor: z.string(),
    hasMore: z.boolean(),
  }),
  annotations: READS,
  async run({ deps, live, caller }, { meetingId, cursor, limit, waitSeconds }) {
    const { database } = deps;
    const { principal } = caller;
    const { userId } = principal;
    const { rows, nextAfter, hasMore } = await followStream(database, live, {
      principal,
      meeting: await requireMeetingOf(database, { meetingId, userId }),
      stream: createSegmentStream(database),
      query: { after: Number(cursor ?? 0), limit, wait: waitSeconds },
      signal: caller.signal,
    });
    const segments = sortByTime(pickSegments(rows));
    return { meetingId, segments, nextCursor: String(nextAfter), hasMore };
  },
  toText: ({ segments, nextCursor, hasMore }) =>
    segments.length === 0
      ? `Nothing new. nextCursor ${nextCursor}`
      : `${DATA_NOTICE}\n\n${toTranscriptText(segments)}\n\n${hasMore ? 'There is more' : 'That is all so far'}: nextCursor ${nextCursor}`,
});

const { q, from, to, speaker, cursor: searchCursor } = searchQuerySchema.shape;

const search = defineTool({
  name: 'search',
  title: 'Search what was said',
  description:
    'Finds segments in all your meetings by their words, best match first. Filter by date, platform and speaker; read around a match with read_transcript.',
  twin: requireOperation('get /api/search'),
  input: z.strictObject({
    query: q,
    from,
    to,
    platform: platformSchema.optional(),
    speaker,
    limit: z.int().min(1).max(100).default(20),
    cursor: searchCursor,
  }),
  output: searchPageSchema,
  annotations: READS,
  run: ({ deps, caller }, { query, ...rest }) =>
    readSearchPage(deps.database, caller.principal.userId, { q: query, ...rest }),
  toText({ results, nextCursor }) {
    if (results.length === 0) return 'Nothing found.';
    const more = nextCursor === null ? [] : [`More with cursor ${nextCursor}`];
    return [DATA_NOTICE, ...results.map(toMatchLine), ...more].join('\n');
  },
});

function toMatchLine({ meeting, parts, ...segment }: SearchResult): string {
  const text = parts.map((part) => part.text).join('');
  return `#${meeting.id} ${toTranscriptLine({ ...segment, text })}`;
}

const getAnalysis = defineTool({
  name: 'get_analysis',
  title: 'Read the analysis',
  description:
    'The newest summary, decisions, action items, topics and open questions of a meeting. Every statement cites the ids of the segments it rests on.',
  twin: requireOperation('get /api/meetings/{id}/analysis'),
  input: z.strictObject({ meetingId: meetingIdSchema }),
  output: analysisSchema,
  annotations: READS,
  async run({ deps, caller }, { meetingId }) {
    await requireMeetingOf(deps.database, { meetingId, userId: caller.principal.userId });
    return requireAnalysis(deps, meetingId);
  },
  toText: toAnalysisText,
});

const requestAnalysis = defineTool({
  name: 'request_analysis',
  title: 'Ask for a new analysis',
  description:
    'Has a meeting that is over analysed again; while an analysis runs, that one is the answer. Read it with get_analysis.',
  twin: requireOperation('post /api/meetings/{id}/analysis'),
  input: z.strictObject({ meetingId: meetingIdSchema, idempotencyKey: idempotencyKeySchema }),
  output: analysisSchema,
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  async run(context, args) {
    const { deps, caller } = context;
    const key = { meetingId: args.meetingId, userId: caller.principal.userId };
    const meeting = await requireMeetingOf(deps.database, key);
    const asked = toAsked(context, 'request_analysis', args);
    return readAnswer(await askForAnalysis(deps, asked, meeting), analysisSchema);
  },
  toText: toAnalysisText,
});

function toAnalysisText({ run, status, content, error }: Analysis): string {
  const head = `Analysis ${run} is ${status}.${error === null ? '' : ` ${error}`}`;
  if (content === null) return head;
  const tasks = content.actionItems.map(({ who, due, text, ...rest }) => ({
    ...rest,
    text: `${[who, text].filter((part) => part !== null).join(': ')}${due === null ? '' : ` (${due})`}`,
  }));
  const parts = [
    ['Summary', content.summary],
    ['Decisions', content.decisions],
    ['Action items', tasks],
    ['Topics', content.topics],
    ['Open questions', content.openQuestions],
  ] as const;
  const texts = parts.flatMap(([name, claims]) => [
    `${name}:`,
    ...claims.map(({ text, segmentIds }) => `- ${flatten(text)} [${segmentIds.join(', ')}]`),
  ]);
  return [head, DATA_NOTICE, ...texts].join('\n');
}

export const TRANSCRIPT_TOOLS = [readTranscript, search, getAnalysis, requestAnalysis];
