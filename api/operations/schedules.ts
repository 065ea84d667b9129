import { meetingPathSchema, meetingSchema } from '../../domain/api';
import {
  changeOccurrenceSchema,
  createScheduleSchema,
  listSchedulesQuerySchema,
  previewRuleSchema,
  rulePreviewSchema,
  scheduleDetailSchema,
  scheduleListSchema,
  updateScheduleSchema,
} from '../../domain/schedules';
import type { ErrorCode } from '../errors';
import { idempotency, noBody, type Operations } from './operation';

const OWN_SCHEDULE: ErrorCode[] = ['schedule_not_found', 'invalid_request'];

const STANDUP = {
  title: 'Standup',
  meetingUrl: 'https://meet.google.com/abc-defg-hij',
  timeZone: 'Europe/Berlin',
};

export const SCHEDULES: Operations = {
  'post /api/schedules': {
    id: 'createSchedule',
    access: 'meetings:write',
    audit: 'schedule.created',
    summary: 'Have meetings happen by a rule',
    description:
      'Either `rrule` (RFC 5545, counted from `startsAt`) or `cron`, by the clocks of `timeZone`. The next occurrence, and all of the next 24 hours, have their meetings at once. Occurrences lie at least 5 minutes apart; a time that the clocks skip in spring does not occur.',
    headers: idempotency,
    body: createScheduleSchema,
    bodyExamples: {
      cron: { ...STANDUP, cron: '0 9 * * 1-5' },
      rrule: {
        ...STANDUP,
        title: 'Review',
        rrule: 'FREQ=MONTHLY;BYDAY=-1FR',
        startsAt: '2026-01-30T10:00',
        skipDates: ['2026-12-25'],
      },
    },
    answers: { 201: scheduleDetailSchema },
    errors: ['idempotency_key_reused', 'too_many_schedules'],
  },
  'post /api/schedules/preview': {
    id: 'previewRule',
    access: 'meetings:read',
    summary: 'The next ten times that a rule names',
    description: 'For people who are still choosing one: nothing is kept.',
    body: previewRuleSchema,
    bodyExamples: { cron: { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin' } },
    answers: { 200: rulePreviewSchema },
  },
  'get /api/schedules': {
    id: 'listSchedules',
    access: 'meetings:read',
    summary: 'List your schedules, newest first',
    query: listSchedulesQuerySchema,
    answers: { 200: scheduleListSchema },
    errors: ['invalid_request'],
  },
  'get /api/schedules/{id}': {
    id: 'getSchedule',
    access: 'meetings:read',
    summary: 'Read a schedule with its next ten occurrences and its last ten outcomes',
    path: meetingPathSchema,
    answers: { 200: scheduleDetailSchema },
    errors: OWN_SCHEDULE,
  },
  'patch /api/schedules/{id}': {
    id: 'updateSchedule',
    access: 'meetings:write',
    audit: 'schedule.changed',
    summary: 'Change a schedule, and with it the meetings that it has planned',
    description:
      'What has its bot is left alone. Planned meetings that the rule no longer names are cancelled with the reason `schedule_changed`. Another `timeZone` keeps the time on the clocks.',
    path: meetingPathSchema,
    body: updateScheduleSchema,
    bodyExamples: {
      time: { cron: '30 9 * * 1-5' },
      holidays: { skipDates: ['2026-12-25', '2027-01-01'] },
    },
    answers: { 200: scheduleDetailSchema },
    errors: OWN_SCHEDULE,
  },
  'delete /api/schedules/{id}': {
    id: 'deleteSchedule',
    access: 'meetings:write',
    audit: 'schedule.deleted',
    summary: 'Delete a schedule',
    description:
      'Meetings that have begun go on, and those that are over stay. What was planned is cancelled with the reason `schedule_changed`.',
    path: meetingPathSchema,
    answers: { 204: null },
    errors: OWN_SCHEDULE,
  },
  'post /api/schedules/{id}/pause': {
    id: 'pauseSchedule',
    access: 'meetings:write',
    audit: 'schedule.paused',
    summary: 'Have a schedule make no meetings, and cancel what it has planned',
    path: meetingPathSchema,
    body: noBody,
    answers: { 200: scheduleDetailSchema },
    errors: OWN_SCHEDULE,
  },
  'post /api/schedules/{id}/resume': {
    id: 'resumeSchedule',
    access: 'meetings:write',
    audit: 'schedule.resumed',
    summary: 'Have a paused schedule make meetings again, from now on',
    path: meetingPathSchema,
    body: noBody,
    answers: { 200: scheduleDetailSchema },
    errors: OWN_SCHEDULE,
  },
  'post /api/schedules/{id}/run': {
    id: 'runSchedule',
    access: 'bots',
    audit: 'schedule.run',
    rate: 'costly',
    summary: 'Make a meeting of it now, between times',
    headers: idempotency,
    path: meetingPathSchema,
    body: noBody,
    answers: { 201: meetingSchema },
    errors: [...OWN_SCHEDULE, 'idempotency_key_reused', 'too_many_bots', 'bot_minutes_used_up'],
  },
  'post /api/schedules/{id}/occurrences': {
    id: 'changeOccurrence',
    access: 'meetings:write',
    audit: 'schedule.occurrence_changed',
    summary: 'Skip one occurrence, move it, or have it be as the rule says',
    description:
      'An occurrence that has its meeting already may also be moved and cancelled as that meeting.',
    path: meetingPathSchema,
    body: changeOccurrenceSchema,
    bodyExamples: {
      skip: { change: 'skip', occurrenceStart: '2026-12-24T08:00:00Z' },
    },
    answers: { 200: scheduleDetailSchema },
    errors: [...OWN_SCHEDULE, 'command_refused', 'too_many_schedules'],
  },
};
