import { LEAVE_FIELDS, LEAVE_TIMES, readMinutes, type LeaveField } from '@/bots/bot-form';
import { AS_GUEST, toIdentityId } from '@/bots/identity-field';

/** Longest times that the API takes, in minutes. */
export const MOST_MINUTES = Object.fromEntries(
  LEAVE_FIELDS.map((field) => [field, LEAVE_TIMES[field].most / 60]),
) as Record<LeaveField, number>;

/** What the form holds, by the names that the API has for it: text as it was typed. */
export interface NewMeetingValues {
  meetingUrl: string;
  title: string;
  /** Of an input of type `datetime-local`. */
  scheduledStart: string;
  language: string;
  botName: string;
  recording: 'usual' | 'yes' | 'no';
  botIdentityId: string;
  leavePolicy: Record<LeaveField, string>;
}

/** Values of `language` that are no code: the user's default, and whatever is heard. */
export const USUAL_LANGUAGE = 'usual';
const ANY_LANGUAGE = 'detect';

export const FIRST_VALUES: NewMeetingValues = {
  meetingUrl: '',
  title: '',
  scheduledStart: '',
  language: USUAL_LANGUAGE,
  botName: '',
  recording: 'usual',
  botIdentityId: AS_GUEST,
  leavePolicy: {
    waitingRoomSeconds: '',
    nobodyJoinedSeconds: '',
    aloneSeconds: '',
    silenceSeconds: '',
    silenceAfterSeconds: '',
    longestMeetingSeconds: '',
  },
};

/** The fields that the API may have something to say of. */
export const FIELDS = [
  ...(['meetingUrl', 'title', 'scheduledStart', 'language', 'botName'] as const),
  ...(['recording', 'botIdentityId'] as const),
  ...LEAVE_FIELDS.map((field) => `leavePolicy.${field}` as const),
];

/** Whether a text is a number of minutes within the limit; an empty one leaves the default. */
export function areMinutes(text: string, most: number): boolean {
  if (text.trim() === '') return true;
  const minutes = readMinutes(text);
  return minutes >= 0.1 && minutes <= most;
}

/** The body that the API takes; fields that were left empty are left out. */
export function toBody(values: NewMeetingValues) {
  const leave = LEAVE_FIELDS.flatMap((field) => {
    const text = values.leavePolicy[field].trim();
    return text === '' ? [] : [[field, Math.round(readMinutes(text) * 60)] as const];
  });
  const { language, scheduledStart } = values;
  const botIdentityId = toIdentityId(values.botIdentityId);
  return {
    meetingUrl: values.meetingUrl.trim(),
    ...(values.recording === 'usual' ? {} : { recording: values.recording === 'yes' }),
    ...(values.title.trim() === '' ? {} : { title: values.title.trim() }),
    ...(values.botName.trim() === '' ? {} : { botName: values.botName.trim() }),
    ...(language === USUAL_LANGUAGE
      ? {}
      : { language: language === ANY_LANGUAGE ? null : language }),
    ...(scheduledStart === '' ? {} : { scheduledStart: new Date(scheduledStart).toISOString() }),
    ...(botIdentityId === null ? {} : { botIdentityId }),
    ...(leave.length === 0 ? {} : { leavePolicy: Object.fromEntries(leave) }),
  };
}
