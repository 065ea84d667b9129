import { createHash } from 'node:crypto';
import { Router, type Request } from 'express';
import { emptyBodySchema, meetingPathSchema, pageQuerySchema } from '../../domain/api';
import { readSpeech } from '../../domain/speech-wav';
import { MAX_SPEECH_BYTES, sendChatSchema, speakSchema } from '../../domain/talking-back';
import { listTalkCommands } from '../../infra/database/talk-commands';
import { readBody } from '../bot/read-body';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readAsked, sendAnswer } from '../intents';
import { toCommandView } from '../meeting-view';
import { requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { askToSpeak, type Speech } from '../speak';
import { askToTalk } from '../talk';
import { readRequest } from '../validate';

/** What a bot is asked to write or say in its meeting, and what became of it. */
export function createTalkingBackRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();

  router.post('/meetings/:id/chat', async (request, response) => {
    const { path, body } = readRequest(request, { path: meetingPathSchema, body: sendChatSchema });
    const { id: meetingId } = await requireOwnMeeting(database, response, path.id);
    const command = { kind: 'send_chat', text: body.text } as const;
    const asked = readAsked(request, response);
    sendAnswer(response, await askToTalk(deps, asked, { meetingId, command }));
  });

  router.post('/meetings/:id/speak', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const { id: meetingId } = await requireOwnMeeting(database, response, path.id);
    const { speech, stamp } = await readWish(request);
    const asked = readAsked(request, response, stamp);
    sendAnswer(response, await askToSpeak(deps, asked, { meetingId, speech }));
  });

  router.post('/meetings/:id/stop-speaking', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const { id: meetingId } = await requireOwnMeeting(database, response, path.id);
    const command = { kind: 'stop_speaking' } as const;
    const asked = readAsked(request, response);
    sendAnswer(response, await askToTalk(deps, asked, { meetingId, command }));
  });

  router.get('/meetings/:id/commands', async (request, response) => {
    const { path, query } = readRequest(request, {
      path: meetingPathSchema,
      query: pageQuerySchema,
    });
    await requireOwnMeeting(database, response, path.id);
    const page = await listTalkCommands(database, {
      meetingId: path.id,
      limit: query.limit,
      beforeId: query.cursor === undefined ? null : decodeCursor(query.cursor),
    });
    response.json({
      commands: page.commands.map(toCommandView),
      nextCursor: page.nextBeforeId === null ? null : encodeCursor(page.nextBeforeId),
    });
  });

  return router;
}

/** What is to be said, and what stands for the request's body. */
async function readWish(request: Request): Promise<{ speech: Speech; stamp: unknown }> {
  if (!request.is(['audio/wav', 'audio/wave', 'audio/x-wav', 'audio/vnd.wave'])) {
    const { body } = readRequest(request, { body: speakSchema });
    return { speech: { kind: 'text', text: body.text, voice: body.voice }, stamp: request.body };
  }
  const bytes = await readBody(request, MAX_SPEECH_BYTES);
  const speech = readSpeech(bytes);
  if (!speech.ok) throw new ApiError('invalid_audio', speech.problem);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { speech: { kind: 'wav', wav: speech.wav }, stamp: { sha256 } };
}
