import type { MeetingPlatform } from '../../domain/platforms';
import type { BotStatus, MeetingStatus } from '../../domain/statuses';

const status: Record<MeetingStatus, string> = {
  created: 'Not started',
  scheduled: 'Planned',
  joining: 'Joining',
  live: 'Live',
  processing: 'Finishing',
  completed: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** What states are called where there is no bot. */
const statusOf = {
  recorder: { created: 'Recording', live: 'Recording' },
  upload: { created: 'Uploading', processing: 'Transcribing' },
} satisfies Record<string, Partial<Record<MeetingStatus, string>>>;

const botStatus: Record<BotStatus, string> = {
  none: 'No bot yet',
  launching: 'The bot is being started',
  joining: 'The bot opens the meeting',
  waiting_room: 'The bot waits to be let in',
  in_meeting: 'The bot is in the meeting',
  leaving: 'The bot is leaving',
  ended: 'The bot has left',
  failed: 'The bot did not make it',
};

const platform: Record<MeetingPlatform, string> = {
  google_meet: 'Google Meet',
  teams: 'Microsoft Teams',
  zoom: 'Zoom',
  jitsi: 'Jitsi',
  livekit: 'LiveKit',
  custom: 'Practice room',
  none: 'Recording or file',
};

/** Words about meetings: the list, the form, states. */
export const meetings = {
  title: 'Meetings',
  text: 'Paste a meeting link and a bot joins it within seconds.',
  untitled: (id: number) => `Meeting ${id}`,
  status,
  statusOf,
  botStatus,
  finishing: 'The last words are being written down',
  platform,
  start: {
    label: 'Meeting link',
    placeholder: 'Paste a Google Meet, Teams, Zoom, Jitsi or LiveKit link',
    submit: 'Start bot',
    practice: 'Try it in the practice room',
    missing: 'Paste the link that opens the meeting.',
    recognised: (name: string) => `${name} recognised.`,
    recognisedWithPasscode: (name: string) => `${name} recognised, with its passcode.`,
    unknown: 'Not yet the link of a meeting that a bot can join.',
    made: 'The bot is on its way',
  },
  list: {
    label: 'Your meetings',
    loading: 'Your meetings are being read…',
    live: 'Now',
    upcoming: 'Upcoming',
    past: 'Past',
    search: 'Search by title',
    allStates: 'All states',
    allPlatforms: 'All platforms',
    filterStatus: 'State',
    filterPlatform: 'Platform',
    emptyTitle: 'No meetings yet',
    emptyText:
      'Paste a link above and press Start bot. To try it alone, open the practice room in another tab and let the bot join you there.',
    practice: 'Open the practice room',
    noneTitle: 'Nothing matches',
    noneText: 'No meeting fits this search. Try other words, or clear the filters.',
    clear: 'Clear filters',
    sources: { bot: 'Bot', recorder: 'Recording', upload: 'File' },
  },
  new: {
    title: 'New meeting',
    text: 'For now or later; what you leave empty is taken from your defaults.',
    loading: 'The form is being read…',
    link: 'Meeting link',
    name: 'Title',
    nameHint: 'Optional. You find the meeting by it.',
    start: 'Planned start',
    startHint: 'Leave it empty to send the bot now. Your time zone.',
    startPast: 'This moment has passed. Choose a later one, or leave it empty for now.',
    language: 'Language',
    usualLanguage: 'As in my defaults',
    botName: 'Name of the bot',
    botNameHint: 'How it appears in the call.',
    record: 'Record the sound',
    recording: { usual: 'As in my defaults', yes: 'Yes', no: 'No' },
    recordHint: 'You can listen to any sentence afterwards.',
    leave: 'When the bot leaves',
    leaveText: 'In minutes; empty fields keep your defaults.',
    minutesWrong: (most: number) => `Enter minutes between 0.1 and ${most}.`,
    startNow: 'Start bot',
    plan: 'Plan it',
    planned: 'Planned. The bot joins by itself.',
    cancel: 'Cancel',
  },
};
