import { z } from 'zod';
import { commandAnswerSchema, createMeetingSchema, type CommandAnswer } from '../../../domain/api';
import { botCommandViewSchema, sendChatSchema, speakSchema } from '../../../domain/talking-back';
import { commandBot } from '../../bot-commands';
import type { Asked } from '../../intents';
import { makeMeeting, readMadeMeetingId } from '../../make-meeting';
import { requireOperation } from '../../operations/all';
import { requireMeetingOf } from '../../own-meeting';
import { askToSpeak } from '../../speak';
import { askToTalk } from '../../talk';
import { refuseField } from '../../validate';
import { perform, toAsked, type McpContext } from '../caller';
import { defineTool, idempotencyKeySchema, meetingIdSchema, readAnswer } from '../tool';
import { toMeetingLine } from '../transcript-text';
import { linkFields } from './meetings';

/** What others notice, and what cannot be taken back by calling another tool. */
const ACTS = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};

const { title, botName, language, recording } = createMeetingSchema.shape;
const startBotSchema = z.strictObject({
  meetingId: meetingIdSchema.optional(),
  link: linkFields.link.optional(),
  platform: linkFields.platform,
  title,
  botName,
  language,
  recording,
  idempotencyKey: idempotencyKeySchema,
});
const MAKE_MEETING = requireOperation('post /api/meetings');

const startBot = defineTool({
  name: 'start_bot',
  title: 'Send a bot into a meeting',
  description:
    'Sends the bot as a visible guest: to a meeting by its id, where twice is the same bot, or to a link, for which a meeting is made (with the scope meetings:write). Give either `meetingId` or `link`; the fields beside `link` belong to the new meeting. Use an idempotencyKey with a link, so that a repeated call sends no second bot.',
  twin: requireOperation('post /api/meetings/{id}/start-bot'),
  input: startBotSchema,
  output: commandAnswerSchema,
  annotations: ACTS,
  async run(context, args) {
    const { deps, caller } = context;
    const { userId } = caller.principal;
    const asked = toAsked(context, 'start_bot', args);
    const meetingId = await findOrMakeMeeting(context, asked, args);
    const meeting = await requireMeetingOf(deps.database, { meetingId, userId });
    const answer = await commandBot(deps, asked, { kind: 'start_bot', meeting });
    return readAnswer(answer, commandAnswerSchema);
  },
  findMeetingId: ({ meeting }) => meeting.id,
  toText: toCommandText,
});

/** A new one has a key of its own, which comes of the call's: a repeated call finds it again. */
async function findOrMakeMeeting(
  context: McpContext,
  asked: Asked,
  { meetingId, idempotencyKey, link, ...wishes }: z.output<typeof startBotSchema>,
): Promise<number> {
  if (meetingId !== undefined) {
    const isAlone = link === undefined && Object.keys(wishes).length === 0;
    return isAlone ? meetingId : refuseField('meetingId', 'Expected nothing beside a meetingId');
  }
  if (link === undefined) refuseField('link', 'Expected a meetingId or a link, got neither');
  const key = idempotencyKey === undefined ? null : `${idempotencyKey}/meeting`;
  const answer = await perform(context, {
    twin: MAKE_MEETING,
    meetingId: null,
    work: () =>
      makeMeeting(context.deps, { ...asked, idempotencyKey: key }, { meetingUrl: link, ...wishes }),
    findMeetingId: readMadeMeetingId,
  });
  return readAnswer(answer, z.object({ id: z.int() })).id;
}

const stopBot = defineTool({
  name: 'stop_bot',
  title: 'Have the bot leave',
  description: 'Asks the meeting’s bot to leave; what it heard is still transcribed.',
  twin: requireOperation('post /api/meetings/{id}/stop-bot'),
  input: z.strictObject({ meetingId: meetingIdSchema, idempotencyKey: idempotencyKeySchema }),
  output: commandAnswerSchema,
  annotations: { ...ACTS, destructiveHint: true, idempotentHint: true },
  async run(context, args) {
    const { deps, caller } = context;
    const key = { meetingId: args.meetingId, userId: caller.principal.userId };
    const meeting = await requireMeetingOf(deps.database, key);
    const asked = toAsked(context, 'stop_bot', args);
    const answer = await commandBot(deps, asked, { kind: 'stop_bot', meeting });
    return readAnswer(answer, commandAnswerSchema);
  },
  toText: toCommandText,
});

const speak = defineTool({
  name: 'speak',
  title: 'Have the bot say something',
  description:
    'Says a text aloud in the meeting, where everybody hears it. Needs a bot that is in the call, and an installation with speech synthesis.',
  twin: requireOperation('post /api/meetings/{id}/speak'),
  input: speakSchema.extend({ meetingId: meetingIdSchema, idempotencyKey: idempotencyKeySchema }),
  output: botCommandViewSchema,
  annotations: ACTS,
  async run(context, args) {
    const { deps, caller } = context;
    const { meetingId, text, voice } = args;
    await requireMeetingOf(deps.database, { meetingId, userId: caller.principal.userId });
    const speech = { kind: 'text', text, voice } as const;
    const asked = toAsked(context, 'speak', args);
    return readAnswer(await askToSpeak(deps, asked, { meetingId, speech }), botCommandViewSchema);
  },
  toText: toTalkText,
});

const sendChat = defineTool({
  name: 'send_chat',
  title: 'Have the bot write into the chat',
  description: 'Writes into the meeting’s chat, where everybody reads it. Needs a running bot.',
  twin: requireOperation('post /api/meetings/{id}/chat'),
  input: sendChatSchema.extend({
    meetingId: meetingIdSchema,
    idempotencyKey: idempotencyKeySchema,
  }),
  output: botCommandViewSchema,
  annotations: ACTS,
  async run(context, args) {
    const { deps, caller } = context;
    const { meetingId, text } = args;
    await requireMeetingOf(deps.database, { meetingId, userId: caller.principal.userId });
    const command = { kind: 'send_chat', text } as const;
    const asked = toAsked(context, 'send_chat', args);
    return readAnswer(await askToTalk(deps, asked, { meetingId, command }), botCommandViewSchema);
  },
  toText: toTalkText,
});

function toCommandText({ outcome, meeting }: CommandAnswer): string {
  const how = outcome === 'carried_out' ? 'Done' : 'Kept, and done as soon as a worker answers';
  return `${how}. ${toMeetingLine(meeting)}`;
}

function toTalkText({ id, status, attempt }: z.output<typeof botCommandViewSchema>): string {
  return `Command ${id} is ${status}; attempt ${attempt} has it.`;
}

export const BOT_TOOLS = [startBot, stopBot, speak, sendChat];
