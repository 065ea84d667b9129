import { randomUUID } from 'node:crypto';
import { makeSpeechKey } from '../infra/audio-store';
import type { IntentAnswer } from '../infra/database/intents';
import { canTalk } from '../infra/database/talk-commands';
import { SpeechFailedError } from '../infra/tts';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { beginIntent, type Asked } from './intents';
import { leaveCommand, refuseTalk } from './talk';
import { refuseField } from './validate';

/** What a bot is to say: a text, or its sound. */
export type Speech =
  { kind: 'text'; text: string; voice: string | undefined } | { kind: 'wav'; wav: Uint8Array };

/** The sound is stored before its command is left: a bot that sees the command finds the sound. */
export async function askToSpeak(
  deps: ApiDeps,
  asked: Asked,
  { meetingId, speech: wish }: { meetingId: number; speech: Speech },
): Promise<IntentAnswer> {
  const { database, audioStore, logger } = deps;
  const { intentId, answer } = await beginIntent(database, asked, { kind: 'speak', meetingId });
  if (answer) return answer;
  const standing = await canTalk(database, meetingId);
  if (standing !== 'ready') return refuseTalk(deps, { meetingId, intentId }, standing);
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
  return left;
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
