/**
 * Every code the API answers with, its HTTP status and what it means. Clients decide by the code;
 * messages are for people and may change.
 */
export const ERROR_CODES = {
  malformed_request: { status: 400, meaning: 'The request cannot be read: broken JSON or path.' },
  unauthenticated: { status: 401, meaning: 'No valid token came with the request, or it expired.' },
  invalid_signature: {
    status: 400,
    meaning: 'The webhook is not signed by its sender, or too long ago.',
  },
  webhook_replayed: {
    status: 400,
    meaning: 'This very request was taken before; its sender signs anew what it sends again.',
  },
  session_required: {
    status: 403,
    meaning: 'This needs a signed-in person; an API key does not do.',
  },
  scope_missing: { status: 403, meaning: 'The API key lacks the scope that this route needs.' },
  user_disabled: { status: 403, meaning: 'An administrator disabled the user.' },
  admin_required: { status: 403, meaning: 'This is for administrators.' },
  second_factor_required: {
    status: 403,
    meaning: 'Administrators sign in with a second factor here.',
  },
  origin_not_allowed: { status: 403, meaning: 'A browser sent this from a page that may not.' },
  route_not_found: { status: 404, meaning: 'There is no such route.' },
  method_not_allowed: { status: 405, meaning: 'The route knows other methods: see `Allow`.' },
  user_not_found: { status: 404, meaning: 'There is no such user.' },
  meeting_not_found: { status: 404, meaning: 'You have no such meeting.' },
  participant_not_found: { status: 404, meaning: 'The meeting has no such participant.' },
  schedule_not_found: { status: 404, meaning: 'You have no such schedule.' },
  share_not_found: { status: 404, meaning: 'The meeting has no such link.' },
  analysis_not_found: { status: 404, meaning: 'The meeting has no analysis yet.' },
  recording_not_ready: { status: 404, meaning: 'The meeting has no recording, or not yet.' },
  mcp_session_not_found: {
    status: 404,
    meaning: 'There is no such MCP session (any more): initialise a new one.',
  },
  identity_not_found: { status: 404, meaning: 'You have no such identity.' },
  api_key_not_found: { status: 404, meaning: 'You have no such API key.' },
  evidence_not_found: { status: 404, meaning: 'The attempt left no such evidence, or it expired.' },
  endpoint_not_found: { status: 404, meaning: 'You have no such webhook endpoint.' },
  delivery_not_found: { status: 404, meaning: 'The endpoint has no such delivery, or it expired.' },
  speech_not_found: { status: 404, meaning: 'The meeting has no such speech.' },
  user_exists: { status: 409, meaning: 'A user of this Clerk id or e-mail address exists.' },
  too_many_bots: {
    status: 409,
    meaning: 'As many bots run as the user may have at the same time; `details` has the limit.',
  },
  bot_minutes_used_up: {
    status: 409,
    meaning: 'The user’s bot minutes of this month are used up; `details` has the limit.',
  },
  not_acceptable: { status: 406, meaning: 'The answer has another type than `Accept` names.' },
  no_running_bot: { status: 409, meaning: 'The meeting has no bot that could do it.' },
  meeting_over: { status: 409, meaning: 'The meeting is over: no bot is there to do it.' },
  tts_not_configured: {
    status: 409,
    meaning: 'The installation turns no text into speech; send a WAV file.',
  },
  too_many_api_keys: { status: 409, meaning: 'You have as many API keys as one may: revoke one.' },
  too_many_shares: {
    status: 409,
    meaning: 'The meeting has as many open links as there can be: revoke one.',
  },
  too_many_identities: {
    status: 409,
    meaning: 'You have as many identities as one may: delete one.',
  },
  identity_exists: { status: 409, meaning: 'You have an identity of this name.' },
  no_identity: { status: 409, meaning: 'The meeting’s bot joins as a guest.' },
  no_join_token_url: { status: 409, meaning: 'The meeting has no address to ask for a token.' },
  endpoint_disabled: { status: 409, meaning: 'The endpoint is disabled: enable it first.' },
  too_many_endpoints: { status: 409, meaning: 'You have as many endpoints as there can be.' },
  too_many_schedules: {
    status: 409,
    meaning: 'You have as many schedules, or the schedule as many exceptions, as there can be.',
  },
  command_refused: { status: 409, meaning: 'The meeting’s state does not allow the command.' },
  meeting_not_over: { status: 409, meaning: 'This is possible once the meeting is over.' },
  idempotency_key_reused: {
    status: 409,
    meaning: 'Another request had come with this Idempotency-Key.',
  },
  notes_conflict: {
    status: 409,
    meaning: 'The notes were changed meanwhile; `details` has them as they are.',
  },
  too_many_recorders: {
    status: 409,
    meaning: 'You record as many meetings at the same time as one may: finish one.',
  },
  too_many_uploads: {
    status: 409,
    meaning: 'As many files of yours are on their way as there can be: wait for one.',
  },
  upload_not_found: { status: 404, meaning: 'The meeting is made of no file.' },
  upload_conflict: {
    status: 409,
    meaning: 'The bytes begin elsewhere than where those that came end: ask for the offset.',
  },
  upload_over: { status: 409, meaning: 'The upload is over: nothing of it is taken any more.' },
  recorder_over: { status: 409, meaning: 'The recording is finished, or never was one.' },
  superseded: { status: 409, meaning: 'A newer attempt took this bot’s place.' },
  intake_closed: { status: 409, meaning: 'The meeting takes no more audio.' },
  chunk_conflict: { status: 409, meaning: 'Other bytes had come under this track and seq.' },
  user_deleted: { status: 410, meaning: 'The user was deleted, and stays so.' },
  meeting_deleted: { status: 410, meaning: 'The meeting was deleted.' },
  payload_too_large: { status: 413, meaning: 'The body is longer than this route takes.' },
  range_not_satisfiable: { status: 416, meaning: 'The recording is shorter than that.' },
  unsupported_media_type: { status: 415, meaning: 'The body has another type than expected.' },
  invalid_request: { status: 422, meaning: 'Fields are wrong; `details` lists every one.' },
  invalid_audio: { status: 422, meaning: 'The audio is not what the contract asks for.' },
  hash_mismatch: { status: 422, meaning: 'The body’s SHA-256 differs from the header.' },
  rate_limited: { status: 429, meaning: 'Too many requests; `Retry-After` says how long to wait.' },
  too_many_headers: { status: 431, meaning: 'The request has more headers than anybody needs.' },
  internal: { status: 500, meaning: 'A fault of ours; it is logged under the request’s id.' },
  tts_failed: { status: 502, meaning: 'The speech synthesis gave no usable sound.' },
  join_token_failed: { status: 502, meaning: 'The meeting’s joinTokenUrl gave no token.' },
  clerk_webhook_not_configured: {
    status: 503,
    meaning: 'The installation has no CLERK_WEBHOOK_SECRET.',
  },
  unavailable: { status: 503, meaning: 'Something the API needs is down. Try again.' },
} as const satisfies Record<string, { status: number; meaning: string }>;
export type ErrorCode = keyof typeof ERROR_CODES;

/** An answer other than success, decided where it is thrown. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** Too many requests; without seconds the answer's headers say already when to come again. */
export class RateLimitedError extends ApiError {
  constructor(
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super('rate_limited', message);
  }
}

/** No room for this right now, and when there may be. */
export class BusyError extends ApiError {
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super('unavailable', message);
  }
}

/** The body of every error. */
export function makeErrorBody(error: ApiError): { error: object } {
  const { code, message, details } = error;
  return { error: { code, message, ...(details === undefined ? {} : { details }) } };
}
