import { meetingSchema, type CreateMeeting } from '../domain/api';
import { settleBotSettings } from '../domain/bot-defaults';
import { parseMeetingLink, type MeetingLink, type MeetingLinkResult } from '../domain/meeting-link';
import type { MeetingPlatform } from '../domain/platforms';
import { encryptionKeys } from '../infra/config';
import { findOwnIdentity } from '../infra/database/identities';
import { answerIntent, settleIntent, type IntentAnswer } from '../infra/database/intents';
import { insertMeeting, type MeetingRow } from '../infra/database/meeting-records';
import { readUser } from '../infra/database/users';
import { createEncryption } from '../infra/encryption';
import { findOutgoingProblem } from '../infra/outgoing-url';
import { outgoingOptions } from './bot/join-token-route';
import type { ApiDeps } from './deps';
import { beginIntent, type Asked } from './intents';
import { toMeetingView } from './meeting-view';
import { readScheduledStart, startWaiting } from './plan-meeting';
import { refuseField } from './validate';

/**
 * Makes a meeting from its link: meeting, intent and answer are one transaction. A planned one then
 * gets its workflow; what cannot be started now, reconciliation starts.
 */
export async function makeMeeting(
  deps: ApiDeps,
  asked: Asked,
  body: CreateMeeting,
): Promise<IntentAnswer> {
  const { database, config } = deps;
  const { userId } = asked;
  const link = readLink(deps, body);
  await checkReferences(deps, userId, { ...body, platform: link.platform });
  const encryption = createEncryption(encryptionKeys(config));
  const passcode = body.accessToken ?? link.passcode;
  const scheduledStart = readScheduledStart(deps, body.scheduledStart ?? null);
  let made: MeetingRow | null = null;
  const kept = await database.transaction(async (tx) => {
    const intent = await beginIntent(tx, asked, { kind: 'create_meeting', meetingId: null });
    if (intent.answer) return intent.answer;
    const { botDefaults } = await readUser(tx, userId);
    const row = await insertMeeting(tx, {
      userId,
      link,
      title: body.title ?? null,
      passcodeEncrypted: passcode === null ? null : encryption.encrypt(passcode),
      settings: settleBotSettings(body, botDefaults, { entryMessage: config.BOT_ENTRY_MESSAGE }),
      botIdentityId: body.botIdentityId ?? null,
      joinTokenUrl: body.joinTokenUrl ?? null,
      scheduledStart,
    });
    made = row;
    await settleIntent(tx, intent.intentId, 'carried_out');
    return answerIntent(tx, intent.intentId, { status: 201, body: toMeetingView(row) });
  });
  if (made !== null && scheduledStart !== null) await startWaiting(deps, made);
  return kept;
}

/** The id of the meeting that an answer of `makeMeeting` tells of. */
export function readMadeMeetingId({ body }: IntentAnswer): number | null {
  return meetingSchema.pick({ id: true }).safeParse(body).data?.id ?? null;
}

/** What a link leads to; throws a 422 for one that is no meeting's. */
export function readLink(deps: ApiDeps, body: LinkFields): MeetingLink {
  const result = parseLink(deps, body);
  return result.ok ? result.link : refuseField('meetingUrl', result.message);
}

/** What a link leads to, or why it is no meeting's, by the settings of this installation. */
export function parseLink({ config }: ApiDeps, body: LinkFields): MeetingLinkResult {
  const { meetingUrl, platform, accessToken } = body;
  return parseMeetingLink(meetingUrl, {
    ...(config.PRACTICE_ROOM_URL ? { practiceRoomOrigin: config.PRACTICE_ROOM_URL } : {}),
    ...(platform ? { platform } : {}),
    ...(accessToken ? { accessToken } : {}),
    jitsiHosts: splitHosts(config.JITSI_HOSTS),
    livekitHosts: splitHosts(config.LIVEKIT_HOSTS),
    trustedOrigins: config.BOT_ALLOWED_ORIGINS ?? [],
  });
}

function splitHosts(setting: string | undefined): string[] {
  return setting?.split(',').map((host) => host.trim()) ?? [];
}

type LinkFields = Pick<CreateMeeting, 'meetingUrl' | 'platform' | 'accessToken'>;

export interface References {
  platform: MeetingPlatform;
  botIdentityId?: number | null | undefined;
  joinTokenUrl?: string | null | undefined;
}

/** An identity must be the user's own and of the meeting's platform, an address callable. */
export async function checkReferences(
  { database, config }: ApiDeps,
  userId: number,
  { platform, botIdentityId, joinTokenUrl }: References,
): Promise<void> {
  if (joinTokenUrl != null) {
    const problem = findOutgoingProblem(joinTokenUrl, outgoingOptions(config));
    if (problem) refuseField('joinTokenUrl', problem);
  }
  if (botIdentityId == null) return;
  const key = { identityId: botIdentityId, userId };
  const identity = await findOwnIdentity(database, key);
  if (!identity) refuseField('botIdentityId', 'Expected the id of an identity of yours');
  if (identity.platform !== platform) {
    const message = `Expected an identity for ${platform}, got one for ${identity.platform}`;
    refuseField('botIdentityId', message);
  }
}
