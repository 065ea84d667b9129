import { z } from 'zod';
import {
  createScheduleSchema,
  scheduleDetailSchema,
  scheduleListSchema,
  type ScheduleView,
} from '../../../domain/schedules';
import { makeSchedule } from '../../make-schedule';
import { requireOperation } from '../../operations/all';
import { readSchedulePage } from '../../schedule-view';
import { refuseInvalid } from '../../validate';
import { toAsked } from '../caller';
import { defineTool, idempotencyKeySchema, readAnswer, READS } from '../tool';
import { DATA_NOTICE, flatten } from '../transcript-text';
import { linkFields, page } from './meetings';

const listSchedules = defineTool({
  name: 'list_schedules',
  title: 'List schedules',
  description: 'What makes your meetings happen again and again, newest first.',
  twin: requireOperation('get /api/schedules'),
  input: z.strictObject(page),
  output: scheduleListSchema,
  annotations: READS,
  run: ({ deps, caller }, query) => readSchedulePage(deps, caller.principal.userId, query),
  toText: ({ schedules, nextCursor }) => {
    if (schedules.length === 0) return 'No schedules.';
    const more = nextCursor === null ? [] : [`More with cursor ${nextCursor}`];
    return [DATA_NOTICE, ...schedules.map(toScheduleLine), ...more].join('\n');
  },
});

const { title, botName, language, recording, rrule, cron, timeZone, startsAt, endsAt } =
  createScheduleSchema.shape;

const scheduleMeetings = defineTool({
  name: 'schedule_meetings',
  title: 'Have a bot come again and again',
  description:
    'Sends the bot to a link by a rule: either `cron`, or `rrule` with `startsAt`, by the clocks of `timeZone`.',
  twin: requireOperation('post /api/schedules'),
  input: z.strictObject({
    link: linkFields.link,
    platform: linkFields.platform,
    title,
    botName,
    language,
    recording,
    rrule,
    cron,
    timeZone,
    startsAt,
    endsAt,
    idempotencyKey: idempotencyKeySchema,
  }),
  output: scheduleDetailSchema,
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  async run(context, args) {
    const { link, idempotencyKey: _key, ...fields } = args;
    const body = readBody({ ...fields, meetingUrl: link });
    const asked = toAsked(context, 'schedule_meetings', args);
    return readAnswer(await makeSchedule(context.deps, asked, body), scheduleDetailSchema);
  },
  toText: (schedule) => [DATA_NOTICE, toScheduleLine(schedule)].join('\n'),
});

/** What must hold between its fields, which a tool's own schema cannot say. */
function readBody(body: object) {
  const result = createScheduleSchema.safeParse(body);
  return result.success ? result.data : refuseInvalid(result.error);
}

function toScheduleLine(schedule: ScheduleView): string {
  const { id, title, rrule, cron, timeZone, status, nextStart } = schedule;
  const name = title === null ? '' : ` “${flatten(title)}”`;
  const next = nextStart === null ? '' : `, next at ${nextStart}`;
  return `Schedule ${id}${name}: ${rrule ?? cron} in ${timeZone}, ${status}${next}`;
}

export const SCHEDULE_TOOLS = [listSchedules, scheduleMeetings];
