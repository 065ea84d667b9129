import type { Response } from 'express';
import type { Database } from '../infra/database/client';
import { findOwnMeeting, type MeetingRow } from '../infra/database/meeting-records';
import { currentUserId } from './auth/current-user';
import { ApiError } from './errors';

/** The meeting when it is this user's; somebody else's does not exist for them. */
export async function requireMeetingOf(
  database: Database,
  key: { meetingId: number; userId: number },
): Promise<MeetingRow> {
  const meeting = await findOwnMeeting(database, key);
  if (!meeting) throw makeMeetingNotFound(key.meetingId);
  return meeting;
}

/** The meeting when it belongs to whom the request speaks for. */
export async function requireOwnMeeting(
  database: Database,
  response: Response,
  meetingId: number,
): Promise<MeetingRow> {
  const key = { meetingId, userId: currentUserId(response) };
  const meeting = await requireMeetingOf(database, key);
  response.locals['meetingId'] = meeting.id;
  return meeting;
}

export function makeMeetingNotFound(meetingId: number): ApiError {
  return new ApiError('meeting_not_found', `Expected a meeting of yours, got ${meetingId}`);
}
