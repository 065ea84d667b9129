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
  none: 'Without a bot',
};

/** Words about meetings: the list, the form, states. */
export const meetings = {
  title: 'Meetings',
  text: 'Paste a meeting link and a bot joins it within seconds.',
  untitled: (id: number) => `Meeting ${id}`,
  status,
  botStatus,
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
    all: 'All states',
    allPlatforms: 'All platforms',
    filterStatus: 'State',
    filterPlatform: 'Platform',
    emptyTitle: 'No meetings yet',
    emptyText:
      'Paste a link above, or open the practice room in another tab: the bot joins it like any other meeting.',
    noneTitle: 'Nothing matches',
    noneText: 'No meeting fits this search. Try other words, or clear the filters.',
    clear: 'Clear filters',
  },
  new: 'New meeting',
};
