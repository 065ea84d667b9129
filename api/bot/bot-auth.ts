import type { RequestHandler, Response } from 'express';
import { findAttempt, type Attempt } from '../../infra/database/attempts';
import { InvalidBotTokenError, verifyBotToken, type BotIdentity } from '../../infra/bot-token';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';

/** Requires a bot's token; whether its attempt may still do something is each route's question. */
export function createRequireBot({ config }: ApiDeps): RequestHandler {
  return async (request, response, next) => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    try {
      const bot = await verifyBotToken(token, config.BOT_TOKEN_SECRET);
      Object.assign(response.locals, { bot, meetingId: bot.meetingId, attempt: bot.attempt });
    } catch (error) {
      if (!(error instanceof InvalidBotTokenError)) throw error;
      throw new ApiError('unauthenticated', 'Expected a valid bot token');
    }
    next();
  };
}

/** The bot that this request speaks for. */
export function currentBot(response: Response): BotIdentity {
  const bot = response.locals['bot'] as BotIdentity | undefined;
  if (!bot) throw new Error('Expected a route behind the check of the bot token');
  return bot;
}

export function makeSuperseded(): ApiError {
  return new ApiError('superseded', 'A newer attempt took this bot’s place');
}

export function makeMeetingDeleted(): ApiError {
  return new ApiError('meeting_deleted', 'The meeting was deleted');
}

/** The attempt of this request, fenced or not; another launch's is not its own. */
export async function requireAttempt(
  { database }: ApiDeps,
  { meetingId, attempt, launchId }: BotIdentity,
): Promise<Attempt> {
  const found = await findAttempt(database, meetingId, attempt);
  if (!found || found.launchId !== launchId) throw makeSuperseded();
  return found;
}

/** The attempt of this request, unless a newer one took over. */
export async function requireLiveAttempt(deps: ApiDeps, bot: BotIdentity): Promise<Attempt> {
  const attempt = await requireAttempt(deps, bot);
  if (attempt.fencedAt) throw makeSuperseded();
  return attempt;
}
