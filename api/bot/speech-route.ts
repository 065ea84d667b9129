import type { RequestHandler } from 'express';
import { z } from 'zod';
import { AudioNotFoundError } from '../../infra/audio-store';
import { findSpeech } from '../../infra/database/speeches';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readRequest } from '../validate';
import { currentBot, requireLiveAttempt } from './bot-auth';

const pathSchema = z.object({ id: z.uuid() });

/** `GET /speech/:id`: what the bot is to say, as WAV. */
export function createSpeechRoute(deps: ApiDeps): RequestHandler {
  return async (request, response) => {
    const { path } = readRequest(request, { path: pathSchema });
    const bot = currentBot(response);
    await requireLiveAttempt(deps, bot);
    const key = { meetingId: bot.meetingId, speechId: path.id };
    const speech = await findSpeech(deps.database, key);
    if (!speech) throw makeSpeechNotFound();
    const wav = await deps.audioStore.get(speech.objectKey).catch((error: unknown) => {
      if (error instanceof AudioNotFoundError) throw makeSpeechNotFound();
      throw error;
    });
    response.set('content-type', 'audio/wav').end(wav);
  };
}

function makeSpeechNotFound(): ApiError {
  return new ApiError('speech_not_found', 'Expected a speech of this bot’s meeting');
}
