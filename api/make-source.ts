import { settleBotSettings } from '../domain/bot-defaults';
import type { IntentAnswer, IntentKind } from '../infra/database/intents';
import { answerIntent, settleIntent } from '../infra/database/intents';
import type { Queryable } from '../infra/database/client';
import type { MeetingRow } from '../infra/database/meeting-records';
import { insertSourceMeeting } from '../infra/database/sources';
import { readUser } from '../infra/database/users';
import type { ApiDeps } from './deps';
import { beginIntent, type Asked } from './intents';

export interface SourceWishes {
  kind: Extract<IntentKind, 'create_recorder' | 'create_upload'>;
  source: 'recorder' | 'upload';
  title: string | null;
  language: string | null | undefined;
  startedAt: Date | null;
  /** Throws where the user may have no other one. */
  checkLimit(tx: Queryable): Promise<void>;
  /** What hangs on the meeting is made in the same transaction; gives the answer's body. */
  complete(tx: Queryable, meeting: MeetingRow): Promise<object>;
}

/** Makes a meeting without a bot: meeting, intent and answer are one transaction. */
export async function makeSourceMeeting(
  { database, config }: ApiDeps,
  asked: Asked,
  wishes: SourceWishes,
): Promise<IntentAnswer> {
  const { kind, source, title, language, startedAt } = wishes;
  const { userId } = asked;
  return database.transaction(async (tx) => {
    const intent = await beginIntent(tx, asked, { kind, meetingId: null });
    if (intent.answer) return intent.answer;
    await wishes.checkLimit(tx);
    const { botDefaults } = await readUser(tx, userId);
    const settings = settleBotSettings(language === undefined ? {} : { language }, botDefaults, {
      entryMessage: config.BOT_ENTRY_MESSAGE,
    });
    const { botName } = settings;
    const meeting = await insertSourceMeeting(tx, {
      ...{ userId, source, title, botName, startedAt },
      language: settings.language,
    });
    const body = await wishes.complete(tx, meeting);
    await settleIntent(tx, intent.intentId, 'carried_out');
    return answerIntent(tx, intent.intentId, { status: 201, body });
  });
}
