import { Router } from 'express';
import { meetingPathSchema } from '../../domain/api';
import {
  participantPathSchema,
  renameParticipantSchema,
  type ParticipantList,
  type ParticipantView,
} from '../../domain/participants';
import {
  listParticipants,
  measureUnknownTalk,
  renameParticipant,
  type ParticipantRow,
} from '../../infra/database/speakers';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** `/api/meetings/:id/participants`: who was there, how much they said, and what they are called. */
export function createParticipantRoutes({ database, doorbell }: ApiDeps): Router {
  const router = Router();

  router.get('/meetings/:id/participants', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const key = { meetingId: meeting.id, version: meeting.transcriptVersion };
    const [participants, unknown] = await Promise.all([
      listParticipants(database, meeting.id),
      measureUnknownTalk(database, key),
    ]);
    response.json({
      participants: participants.map(toParticipantView),
      unknown,
    } satisfies ParticipantList);
  });

  router.patch('/meetings/:id/participants/:participantId', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: participantPathSchema,
      body: renameParticipantSchema,
    });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const { participantId } = path;
    const key = { meetingId: meeting.id, userId: currentUserId(response), participantId };
    const participant = await renameParticipant(database, key, body.name);
    if (!participant) {
      const message = `Expected a participant of the meeting, got ${participantId}`;
      throw new ApiError('participant_not_found', message);
    }
    doorbell.ring('meeting', meeting.id);
    response.json(toParticipantView(participant));
  });

  return router;
}

function toParticipantView(row: ParticipantRow): ParticipantView {
  const { joinTime, leaveTime, role, ...rest } = row;
  return {
    ...rest,
    role: role as ParticipantView['role'],
    joinedAt: joinTime?.toISOString() ?? null,
    leftAt: leaveTime?.toISOString() ?? null,
  };
}
