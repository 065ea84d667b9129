import type { BotDefaults } from '../../domain/bot-defaults';
import type { LeavePolicy } from '../../domain/leave-policy';

export type LeaveField = keyof LeavePolicy;
export type EntryMode = 'usual' | 'own' | 'none';

/** What people fill in about a bot; all of it text, empty where the usual is meant. */
export interface BotFormValues {
  botName: string;
  /** A code, or `detect`. */
  language: string;
  recording: boolean;
  entryMode: EntryMode;
  entryMessage: string;
  /** In minutes. */
  leavePolicy: Record<LeaveField, string>;
}

/** The usual time and the longest one of each, in seconds. */
export const LEAVE_TIMES: Record<LeaveField, { usual: number; most: number }> = {
  waitingRoomSeconds: { usual: 900, most: 3_600 },
  nobodyJoinedSeconds: { usual: 600, most: 7_200 },
  aloneSeconds: { usual: 60, most: 3_600 },
  silenceSeconds: { usual: 600, most: 7_200 },
  silenceAfterSeconds: { usual: 1_200, most: 12 * 3_600 },
  longestMeetingSeconds: { usual: 4 * 3_600, most: 12 * 3_600 },
};
export const LEAVE_FIELDS = Object.keys(LEAVE_TIMES) as LeaveField[];

/** Fields by the names that the API has for them. */
export const BOT_FIELDS = [
  'botName',
  'language',
  'recording',
  'entryMessage',
  ...LEAVE_FIELDS.map((field) => `leavePolicy.${field}` as const),
] as const;

export function toBotForm(wishes: BotDefaults): BotFormValues {
  const { entryMessage, leavePolicy = {} } = wishes;
  const minutes = (field: LeaveField): string => {
    const seconds = leavePolicy[field];
    return seconds === undefined ? '' : String(Math.round((seconds / 60) * 100) / 100);
  };
  return {
    botName: wishes.botName ?? '',
    language: wishes.language ?? 'detect',
    recording: wishes.recording ?? false,
    entryMode: entryMessage === undefined ? 'usual' : entryMessage === null ? 'none' : 'own',
    entryMessage: entryMessage ?? '',
    leavePolicy: {
      waitingRoomSeconds: minutes('waitingRoomSeconds'),
      nobodyJoinedSeconds: minutes('nobodyJoinedSeconds'),
      aloneSeconds: minutes('aloneSeconds'),
      silenceSeconds: minutes('silenceSeconds'),
      silenceAfterSeconds: minutes('silenceAfterSeconds'),
      longestMeetingSeconds: minutes('longestMeetingSeconds'),
    },
  };
}

/** As the API takes them; what is left empty is left out. */
export function toBotWishes(values: BotFormValues): BotDefaults {
  const leavePolicy = Object.fromEntries(
    LEAVE_FIELDS.filter((field) => values.leavePolicy[field].trim() !== '').map((field) => [
      field,
      Math.round(readMinutes(values.leavePolicy[field]) * 60),
    ]),
  );
  const { botName, language, recording, entryMode, entryMessage } = values;
  return {
    ...(botName.trim() ? { botName: botName.trim() } : {}),
    ...(language === 'detect' ? {} : { language }),
    ...(recording ? { recording } : {}),
    ...(entryMode === 'none' ? { entryMessage: null } : {}),
    ...(entryMode === 'own' ? { entryMessage: entryMessage.trim() } : {}),
    ...(Object.keys(leavePolicy).length > 0 ? { leavePolicy } : {}),
  };
}

/** All of it said, so that nothing falls back on defaults; the usual message alone is left out. */
export function toAllWishes(values: BotFormValues): BotDefaults {
  const { leavePolicy, ...wishes } = toBotWishes(values);
  const usual = Object.fromEntries(LEAVE_FIELDS.map((field) => [field, LEAVE_TIMES[field].usual]));
  return {
    ...wishes,
    language: values.language === 'detect' ? null : values.language,
    recording: values.recording,
    leavePolicy: { ...usual, ...leavePolicy },
  };
}

/** NaN for what is no number. */
export function readMinutes(text: string): number {
  const number = Number(text.trim().replace(',', '.'));
  return number > 0 ? number : NaN;
}
