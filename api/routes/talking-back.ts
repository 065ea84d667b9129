import { createHash, randomUUID } from 'node:crypto';
import { Router, type Request } from 'express';
import { emptyBodySchema, meetingPathSchema, pageQuerySchema } from '../../domain/api';
import { readSpeech } from '../../domain/speech-wav';
import { MAX_SPEECH_BYTES, sendChatSchema, speakSchema } from '../../domain/talking-back';
import { makeSpeechKey } from '../../infra/audio-store';
import { canTalk, listTalkCommands } from '../../infra/database/talk-commands';
import { SpeechFailedError } from '../../infra/tts';
import { readBody } from '../bot/read-body';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { beginIntent, sendAnswer } from '../intents';
import { toCommandView } from '../meeting-view';
import { requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { leaveCommand, refuseTalk } from '../talk';
import { readRequest, refuseField } from '../validate';

/** What a bot is asked to write or say in its meeting, and what became of it. */
export function createTalkingBackRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();
  addSpeakRoute(router, deps);

  router.post('/meetings/:id/chat', async (request, response) => {
    const { path, body } = readRequest(request, { path: meetingPathSchema, body: sendChatSchema });
    const { id: meetingId } = await requireOwnMeeting(database, response, path.id);
    const exchange = { request, response };
    const { intentId, answer } = await beginIntent(database, exchange, {
      kind: 'send_chat',
      meetingId,
    });
    if (answer) return sendAnswer(response, answer);
    const command = { kind: 'send_chat', text: body.text } as const;
    sendAnswer(response, await leaveCommand(deps, { meetingId, intentId }, { command }));
  });

  router.post('/meetings/:id/stop-speaking', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const { id: meetingId } = await requireOwnMeeting(database, response, path.id);
    const exchange = { request, response };
    const { intentId, answer } = await beginIntent(database, exchange, {
      kind: 'stop_speaking',
      meetingId,
    });
    if (answer) return sendAnswer(response, answer);
    const command = { kind: 'stop_speaking' } as const;
    sendAnswer(response, await leaveCommand(deps, { meetingId, intentId }, { command }));
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

/** The sound is stored before its command is left: a bot that sees the command finds the sound. */
function addSpeakRoute(router: Router, deps: ApiDeps): void {
  const { database, audioStore, logger } = deps;

  router.post('/meetings/:id/speak', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const { id: meetingId } = await requireOwnMeeting(database, response, path.id);
    const wish = await readWish(request);
    const what = { kind: 'speak', meetingId, ...wish.stamp } as const;
    const { intentId, answer } = await beginIntent(database, { request, response }, what);
    if (answer) return sendAnswer(response, answer);
    const standing = await canTalk(database, meetingId);
    if (standing !== 'ready') {
      return sendAnswer(response, await refuseTalk(deps, { meetingId, intentId }, standing));
    }
    const wav = wish.kind === 'wav' ? wish.wav : await synthesise(deps, wish);
    const speechId = randomUUID();
    const objectKey = makeSpeechKey(meetingId, speechId);
    await audioStore.put(objectKey, wav).catch((cause: unknown) => {
      throw Object.assign(new ApiError('unavailable', 'The audio store took nothing'), { cause });
    });
    const speech = { id: speechId, meetingId, objectKey, sizeBytes: wav.length };
    const command = { kind: 'speak', speechId } as const;
    const left = await leaveCommand(deps, { meetingId, intentId }, { command, speech });
    if (!left.isOurs) {
      await audioStore.delete(objectKey).catch((error: unknown) => {
        logger.warn({ meetingId, err: error }, 'unused speech left in the audio store');
      });
    }
    sendAnswer(response, left);
  });
}

type Wish =
  | { kind: 'text'; text: string; voice: string | undefined; stamp: object }
  | { kind: 'wav'; wav: Uint8Array; stamp: { body: unknown } };

async function readWish(request: Request): Promise<Wish> {
  if (!request.is(['audio/wav', 'audio/wave', 'audio/x-wav', 'audio/vnd.wave'])) {
    const { body } = readRequest(request, { body: speakSchema });
    return { kind: 'text', text: body.text, voice: body.voice, stamp: {} };
  }
  const bytes = await readBody(request, MAX_SPEECH_BYTES);
  const speech = readSpeech(bytes);
  if (!speech.ok) throw new ApiError('invalid_audio', speech.problem);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'wav', wav: speech.wav, stamp: { body: { sha256 } } };
}

async function synthesise(
  { speech, logger }: ApiDeps,
  { text, voice }: { text: string; voice: string | undefined },
): Promise<Uint8Array> {
  if (!speech) {
    throw new ApiError(
      'tts_not_configured',
      'Expected TTS_COMMAND, or TTS_URL with TTS_API_KEY, to be set for turning text into speech; a WAV file can be sent instead',
    );
  }
  if (voice !== undefined && !speech.takesVoice) {
    return refuseField('voice', 'Expected no voice: the installation’s TTS_COMMAND has no {voice}');
  }
  try {
    return await speech.synthesise(text, voice);
  } catch (error) {
    if (!(error instanceof SpeechFailedError)) throw error;
    logger.warn({ reason: error.message }, 'no speech');
    throw new ApiError('tts_failed', 'The speech synthesis gave no usable sound; try again');
  }
}
