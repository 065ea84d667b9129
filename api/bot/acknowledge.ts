import type { Response } from 'express';
import type { SightingResult } from '../../infra/database/sightings';
import type { ApiDeps } from '../deps';
import { currentBot, makeMeetingDeleted, makeSuperseded } from './bot-auth';

/** Answers what a bot told of the call, and rings for who reads the meeting. */
export function acknowledge(
  { doorbell }: ApiDeps,
  response: Response,
  result: SightingResult,
): void {
  if (result === 'superseded') throw makeSuperseded();
  if (result === 'meeting_deleted') throw makeMeetingDeleted();
  response.status(204).end();
  doorbell.ring('meeting', currentBot(response).meetingId);
}
