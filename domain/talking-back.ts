import { z } from 'zod';
import { chatTextSchema, textSchema } from './bot-wishes';

const moment = z.iso.datetime();

export const sendChatSchema = z.strictObject({ text: chatTextSchema });

/** Largest sound that can be sent for a bot to play, in bytes. */
export const MAX_SPEECH_BYTES = 5 * 1024 * 1024;

export const speakSchema = z.strictObject({
  text: textSchema(2_000),
  voice: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$/,
      'Expected a voice’s name of letters, digits, _ . + -',
    )
    .optional()
    .describe('As the installation’s speech synthesis names it'),
});

/** Something the bot was asked to say or write, and what became of it. */
export const botCommandViewSchema = z
  .object({
    id: z.int(),
    kind: z.enum(['send_chat', 'speak', 'stop_speaking']),
    text: z.string().nullable().describe('What is written into the chat'),
    attempt: z.int().describe('The attempt that has it; a later one takes it over'),
    status: z.enum(['pending', 'done', 'failed']),
    detail: z.string().nullable(),
    createdAt: moment,
    finishedAt: moment.nullable(),
  })
  .meta({ id: 'BotCommand' });
export type BotCommandView = z.infer<typeof botCommandViewSchema>;

export const botCommandListSchema = z.object({
  commands: z.array(botCommandViewSchema),
  nextCursor: z.string().nullable(),
});
