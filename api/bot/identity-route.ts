import type { RequestHandler } from 'express';
import type { z } from 'zod';
import type { botIdentityStateSchema } from '../../domain/bot-api';
import { encryptionKeys } from '../../infra/config';
import { takeIdentityState } from '../../infra/database/identities';
import { createEncryption } from '../../infra/encryption';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { currentBot, requireLiveAttempt } from './bot-auth';

/** `GET /identity`: the stored browser state of the meeting's identity, for its bot alone. */
export function createIdentityRoute(deps: ApiDeps): RequestHandler {
  const encryption = createEncryption(encryptionKeys(deps.config));
  const open = (state: string, meetingId: number): unknown => {
    try {
      return JSON.parse(encryption.decrypt(state));
    } catch {
      deps.logger.error({ meetingId }, 'identity cannot be decrypted: is its key missing?');
      throw new ApiError('no_identity', 'Expected a sign-in that can be read: sign in again');
    }
  };
  return async (_request, response) => {
    const bot = currentBot(response);
    await requireLiveAttempt(deps, bot);
    const state = await takeIdentityState(deps.database, bot.meetingId);
    if (state === null) throw new ApiError('no_identity', 'Expected a meeting with an identity');
    const body: z.infer<typeof botIdentityStateSchema> = {
      storageState: open(state, bot.meetingId),
    };
    response.set('cache-control', 'no-store').json(body);
  };
}
