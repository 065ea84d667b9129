import { z } from 'zod';
import { botNameSchema, entryMessageSchema, languageSchema } from './bot-wishes';
import { leavePolicyPartSchema, leavePolicySchema, type LeavePolicy } from './leave-policy';

/** The name a bot has in the call when nobody chose one. */
/** What bots are called where nobody said. */
export const DEFAULT_BOT_NAME = 'Notetaker';

/** What a user's new meetings take where they say nothing; absent fields take the installation's. */
export const botDefaultsSchema = z.strictObject({
  botName: botNameSchema.optional(),
  language: languageSchema.optional(),
  leavePolicy: leavePolicyPartSchema.optional(),
  entryMessage: entryMessageSchema.optional(),
  recording: z.boolean().optional(),
});
export type BotDefaults = z.infer<typeof botDefaultsSchema>;

/** Everything about a meeting's bot, decided. */
export interface BotSettings {
  botName: string;
  language: string | null;
  leavePolicy: LeavePolicy;
  entryMessage: string | null;
  recording: boolean;
}

/** What one meeting asks for, over its user's defaults, over those of the installation. */
export function settleBotSettings(
  wishes: BotDefaults,
  defaults: BotDefaults,
  installation: { entryMessage: string },
): BotSettings {
  return {
    botName: wishes.botName ?? defaults.botName ?? DEFAULT_BOT_NAME,
    language: firstDefined(wishes.language, defaults.language, null),
    leavePolicy: leavePolicySchema.parse({ ...defaults.leavePolicy, ...wishes.leavePolicy }),
    entryMessage: firstDefined(
      wishes.entryMessage,
      defaults.entryMessage,
      installation.entryMessage,
    ),
    recording: wishes.recording ?? defaults.recording ?? false,
  };
}

/** Null is a choice as well, unlike with `??`. */
function firstDefined<Value>(...values: [Value | undefined, Value | undefined, Value]): Value {
  const [wish, usual, last] = values;
  if (wish !== undefined) return wish;
  return usual === undefined ? last : usual;
}

/** The text as the meeting reads it: `{botName}` and `{owner}` filled in. */
export function fillEntryMessage(
  text: string,
  names: { botName: string; owner: string | null },
): string {
  const owner = names.owner ?? 'one of the participants';
  return text.replaceAll('{botName}', () => names.botName).replaceAll('{owner}', () => owner);
}
