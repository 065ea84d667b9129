import { ERROR_CODES, type ErrorCode } from '../errors';

/** What an agent can do about an error; the others say it by their meaning. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  invalid_request: 'Correct the named arguments and call again.',
  scope_missing: 'Ask the user for an API key with the scope that the message names.',
  meeting_not_found: 'Look the id up with list_meetings or find_meetings.',
  analysis_not_found: 'Ask for one with request_analysis once the meeting is over.',
  no_running_bot: 'Send a bot with start_bot and wait until get_meeting says in_meeting.',
  meeting_over: 'The meeting has ended: read it with read_transcript and get_analysis.',
  meeting_not_over: 'Wait until get_meeting says completed, or stop the bot with stop_bot.',
  command_refused: 'Read the state with get_meeting; the message says what it would have to be.',
  idempotency_key_reused: 'Use a new idempotencyKey for another request.',
  tts_not_configured: 'Write with send_chat instead.',
  tts_failed: 'Try again, or write with send_chat instead.',
  rate_limited: 'Wait a minute and call again, less often.',
  unavailable: 'Wait some seconds and call again.',
  internal: 'Call again later; the operator finds the cause in the log.',
};

export function findRemedyFor(code: ErrorCode): string {
  return REMEDIES[code] ?? ERROR_CODES[code].meaning;
}
