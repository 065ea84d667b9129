import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ApiConfig } from '../../infra/config';
import { findMeeting } from '../../infra/database/meeting-records';
import { OutgoingCallError, postToUser, type OutgoingOptions } from '../../infra/outgoing-url';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { currentBot, makeMeetingDeleted, requireLiveAttempt } from './bot-auth';

/** Platforms' tokens are JWTs of one or two KiB. */
const tokenAnswerSchema = z.object({ token: z.string().min(1).max(8_192) });

/** How addresses that users gave are called. */
export function outgoingOptions(
  config: ApiConfig,
): OutgoingOptions & { signingSecret: string | undefined } {
  return {
    allowedHosts: config.OUTGOING_ALLOWED_HOSTS,
    signingSecret: config.OUTGOING_SIGNING_SECRET,
  };
}

/** `POST /join-token`: asks the meeting's callback address. The token passes through, no more. */
export function createJoinTokenRoute(deps: ApiDeps): RequestHandler {
  const options = outgoingOptions(deps.config);
  return async (_request, response) => {
    const bot = currentBot(response);
    const { launchId } = await requireLiveAttempt(deps, bot);
    const meeting = await findMeeting(deps.database, bot.meetingId);
    if (!meeting || meeting.deletedAt) throw makeMeetingDeleted();
    if (meeting.joinTokenUrl === null) {
      throw new ApiError('no_join_token_url', 'Expected a meeting with a joinTokenUrl');
    }
    const { meetingId, attempt } = bot;
    const address = { url: meeting.joinTokenUrl, id: `join-token-${launchId}` };
    try {
      const body = { meetingId, platform: meeting.platform, attempt };
      const answer = tokenAnswerSchema.safeParse(await postToUser(address, body, options));
      if (!answer.success) throw new OutgoingCallError('Expected {"token": "…"} as the answer');
      response.set('cache-control', 'no-store').json(answer.data);
    } catch (error) {
      if (!(error instanceof OutgoingCallError)) throw error;
      // only the reason: what lies beneath names the address
      deps.logger.warn({ meetingId, attempt, reason: error.message }, 'no join token');
      throw new ApiError('join_token_failed', error.message);
    }
  };
}
