interface ProblemText {
  title: string;
  text: string;
}

const byCode: Record<string, ProblemText> = {
  unauthenticated: {
    title: 'You are signed out',
    text: 'Your session has ended. Sign in again to go on.',
  },
  meeting_not_found: {
    title: 'No such meeting',
    text: 'It was deleted, or it belongs to another account.',
  },
  endpoint_not_found: {
    title: 'No such endpoint',
    text: 'It was deleted, or it belongs to another account.',
  },
  schedule_not_found: {
    title: 'No such schedule',
    text: 'It was deleted, or it belongs to another account.',
  },
  user_not_found: {
    title: 'No such user',
    text: 'The user was deleted, or the number is mistyped.',
  },
  delivery_not_found: {
    title: 'This cannot be sent again',
    text: 'Only events of meetings can; send another test event instead.',
  },
  endpoint_disabled: {
    title: 'The endpoint is disabled',
    text: 'Enable it first.',
  },
  too_many_api_keys: {
    title: 'You have as many API keys as one may',
    text: 'Revoke one that is not used any more first.',
  },
  too_many_endpoints: {
    title: 'You have as many endpoints as one may',
    text: 'Delete one that is not used any more first.',
  },
  too_many_schedules: {
    title: 'You have as many schedules as one may',
    text: 'Delete one that is over first.',
  },
  second_factor_required: {
    title: 'A second factor is needed',
    text: 'Administrators sign in with a second factor here. Sign in again with yours.',
  },
  too_many_requests: {
    title: 'Too many requests',
    text: 'Wait a minute, then try again.',
  },
  too_many_bots: {
    title: 'All of your bots are busy',
    text: 'Stop one of them first, or ask an administrator for more.',
  },
  bot_minutes_used_up: {
    title: 'This month’s bot minutes are used up',
    text: 'They start anew with the month; an administrator can raise the limit.',
  },
  tts_not_configured: {
    title: 'Bots cannot speak here',
    text: 'This installation has no speech synthesis. Set TTS_COMMAND or TTS_URL to give it one.',
  },
};

/** What can go wrong, by the API's codes, and what to do about it. */
export const problems = {
  unreachable: {
    title: 'The server cannot be reached',
    text: 'Check your connection. This page goes on by itself as soon as the server answers.',
  },
  unknown: {
    title: 'Something went wrong',
    text: 'Try again. If it happens once more, reload the page.',
  },
  server: {
    title: 'The server could not do that',
    text: 'Nothing was lost. Try again in a moment.',
  },
  refused: 'That did not work',
  byCode,
};
