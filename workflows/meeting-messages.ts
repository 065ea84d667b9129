import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import {
  MEETING_MESSAGES,
  type BotReportedInput,
  type MeetingCommandInput,
  type MeetingCommandResult,
} from '../domain/workflow-messages';
import {
  describeState,
  noticePlan,
  requestStart,
  requestStop,
  type MeetingState,
} from './meeting-state';

type Command = [MeetingCommandInput];

const startBotUpdate = defineUpdate<MeetingCommandResult, Command>(MEETING_MESSAGES.startBotUpdate);
const stopBotUpdate = defineUpdate<MeetingCommandResult, Command>(MEETING_MESSAGES.stopBotUpdate);
const planUpdate = defineUpdate<MeetingCommandResult, Command>(MEETING_MESSAGES.planUpdate);
const planChangedSignal = defineSignal<Command>(MEETING_MESSAGES.planChangedSignal);
const startRequestedSignal = defineSignal<Command>(MEETING_MESSAGES.startRequestedSignal);
const stopRequestedSignal = defineSignal<Command>(MEETING_MESSAGES.stopRequestedSignal);
const botReportedSignal = defineSignal<[BotReportedInput]>(MEETING_MESSAGES.botReportedSignal);
const stateQuery = defineQuery<MeetingCommandResult>(MEETING_MESSAGES.stateQuery);

/** Lets the meeting take its messages. All handlers are plain changes of state. */
export function takeMessages(meeting: MeetingState): void {
  setHandler(startBotUpdate, (command) => requestStart(meeting, command), {
    validator: (command) => {
      checkCommand(command);
      if (meeting.isClosing) refuse('The meeting is being cancelled.');
    },
    description: 'Starts a bot; one that runs serves this request too.',
  });
  setHandler(stopBotUpdate, (command) => requestStop(meeting, command), {
    validator: checkCommand,
    description: 'Asks the bot to leave; what was heard is still transcribed.',
  });
  setHandler(planUpdate, (command) => noticePlan(meeting, command), {
    validator: (command) => {
      checkCommand(command);
      if (meeting.isClosing) refuse('The meeting is being cancelled.');
    },
    description: 'Reads anew from the database when the bot is to be sent.',
  });
  setHandler(
    planChangedSignal,
    (command) => {
      if (isCommand(command)) noticePlan(meeting, command);
    },
    { description: 'plan, sent while no worker answered.' },
  );
  setHandler(
    startRequestedSignal,
    (command) => {
      if (isCommand(command)) requestStart(meeting, command);
    },
    { description: 'startBot, sent while no worker answered.' },
  );
  setHandler(
    stopRequestedSignal,
    (command) => {
      if (isCommand(command)) requestStop(meeting, command);
    },
    { description: 'stopBot, sent while no worker answered.' },
  );
  setHandler(
    botReportedSignal,
    (report) => {
      if (report?.attempt === meeting.attempt) meeting.unreadReports += 1;
    },
    { description: 'The bot has reported a new state; it stands in the database.' },
  );
  setHandler(stateQuery, () => describeState(meeting), {
    description: 'State of meeting and bot as the workflow sees it.',
  });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Anybody may send a message from the Web UI; a malformed one must not stop the story. */
function isCommand(command: MeetingCommandInput | undefined): command is MeetingCommandInput {
  return typeof command?.intentId === 'string' && UUID.test(command.intentId);
}

function checkCommand(command: MeetingCommandInput): void {
  if (!isCommand(command)) refuse('Expected {"intentId": "<uuid>"}.');
}

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'CommandRefused');
}
