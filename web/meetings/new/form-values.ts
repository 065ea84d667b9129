import type { Schemas } from 'meetings-client';

type Policy = NonNullable<Schemas['Meeting']['leavePolicy']>;

export const LEAVE_FIELDS = [
  'waitingRoomSeconds',
  'nobodyJoinedSeconds',
  'aloneSeconds',
  'silenceSeconds',
  'longestMeetingSeconds',
] as const satisfies readonly (keyof Policy)[];
type LeaveField = (typeof LEAVE_FIELDS)[number];

/** Longest times that the API takes, in minutes. */
export const MOST_MINUTES: Record<LeaveField, number> = {
  waitingRoomSeconds: 60,
  nobodyJoinedSeconds: 120,
  aloneSeconds: 60,
  silenceSeconds: 120,
  longestMeetingSeconds: 720,
};

/** What the form holds: text as it was typed. */
export interface NewMeetingValues {
  meetingUrl: string;
  title: string;
  /** Of an input of type `datetime-local`. */
  scheduledStart: string;
  language: string;
  botName: string;
  recording: 'usual' | 'yes' | 'no';
  leave: Record<LeaveField, string>;
}

/** Values of `language` that are no code. */
export const USUAL_LANGUAGE = 'usual';
export const ANY_LANGUAGE = 'any';

export const FIRST_VALUES: NewMeetingValues = {
  meetingUrl: '',
  title: '',
  scheduledStart: '',
  language: USUAL_LANGUAGE,
  botName: '',
  recording: 'usual',
  leave: {
    waitingRoomSeconds: '',
    nobodyJoinedSeconds: '',
    aloneSeconds: '',
    silenceSeconds: '',
    longestMeetingSeconds: '',
  },
};

/** Whether a text is a number of minutes within the limit; an empty one leaves the default. */
export function areMinutes(text: string, most: number): boolean {
  if (text.trim() === '') return true;
  const minutes = Number(text);
  return Number.isFinite(minutes) && minutes >= 0.1 && minutes <= most;
}

/** The body that the API takes; fields that were left empty are left out. */
export function toBody(values: NewMeetingValues) {
  const leave = LEAVE_FIELDS.flatMap((field) => {
    const text = values.leave[field].trim();
    return text === '' ? [] : [[field, Math.round(Number(text) * 60)] as const];
  });
  const { language, scheduledStart } = values;
  return {
    meetingUrl: values.meetingUrl.trim(),
    ...(values.recording === 'usual' ? {} : { recording: values.recording === 'yes' }),
    ...(values.title.trim() === '' ? {} : { title: values.title.trim() }),
    ...(values.botName.trim() === '' ? {} : { botName: values.botName.trim() }),
    ...(language === USUAL_LANGUAGE
      ? {}
      : { language: language === ANY_LANGUAGE ? null : language }),
    ...(scheduledStart === '' ? {} : { scheduledStart: new Date(scheduledStart).toISOString() }),
    ...(leave.length === 0 ? {} : { leavePolicy: Object.fromEntries(leave) }),
  };
}
