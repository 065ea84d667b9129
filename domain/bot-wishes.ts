import { z } from 'zod';
import { WHISPER_LANGUAGES } from './languages';
import { isStorableText } from './text';

/** Fields about a bot that meetings and users' defaults share. */

/** One line of text that the database can keep. */
export const lineSchema = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(isStorableText, { message: 'Expected text without NUL or broken characters' })
    .refine((text) => !/[\u0001-\u001f\u007f]/.test(text), {
      message: 'Expected one line without control characters',
    });

/** Text of one or more lines that the database can keep. */
export const textSchema = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(isStorableText, { message: 'Expected text without NUL or broken characters' })
    .refine((text) => !/[\u0001-\u0008\u000b-\u001f\u007f]/.test(text.replaceAll('\r\n', '\n')), {
      message: 'Expected text without control characters',
    });

/** Google Meet takes 500 characters in one chat message; the other platforms take more. */
const LONGEST_CHAT_MESSAGE = 500;

export const chatTextSchema = textSchema(LONGEST_CHAT_MESSAGE);

export const botNameSchema = lineSchema(60).describe('The name the bot has in the call');

export const languageSchema = z
  .string()
  .refine((code) => WHISPER_LANGUAGES.includes(code), {
    message: 'Expected a language code that Whisper knows, such as "en", or null to detect it',
  })
  .nullable();

export const entryMessageSchema = chatTextSchema
  .nullable()
  .describe(
    'Written into the chat once the bot is in; {botName} and {owner} are filled in; null for none',
  );
