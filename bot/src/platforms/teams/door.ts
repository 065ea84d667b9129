import type { EndReason } from '../../../../domain/end-reasons';
import type { MeetingView } from '../platform';
import type { TEAMS_SIGNS } from './signs';

/** Without a lobby, a refusal this soon after asking was no person's. */
const AT_ONCE_MS = 10_000;

/** What the page alone does not tell about this visit. */
export interface Visit {
  /** The name the bot goes by in this call. */
  ownName: string;
  isSignedIn: boolean;
  /** Teams asked for a guest's name although a stored sign-in was given. */
  isSignInDropped: boolean;
  /** When the bot asked to be let in, on `performance.now()`. */
  askedAtMs: number | null;
  hasWaited: boolean;
}

export type Seen = ReadonlySet<string>;
type Sign = keyof typeof TEAMS_SIGNS;
type Over = Extract<MeetingView, { state: 'over' }>;

/** What the signs mean; of a call only that it is one. */
export function interpret(
  seen: Seen,
  visit: Visit,
  nowMs: number,
): Exclude<MeetingView, { state: 'in_meeting' }> | { state: 'in_meeting' } {
  const signs = [...seen];
  const has = (sign: Sign) => seen.has(sign);
  const isOutside = has('prejoin') || has('retryScreen') || has('loginForm');
  // In a call the chat may quote any text of this table: there only structure counts.
  if (has('hangup') && has('stage')) {
    return isOutside || has('lobby') ? { state: 'unclear', signs } : { state: 'in_meeting' };
  }
  const over = findEnd(seen, visit, nowMs);
  if (over) return { ...over, signs };
  if (has('lobby') || has('lobbyText') || has('notStartedText')) {
    return { state: 'waiting_room', signs, ...(has('notStartedText') && { isNotStarted: true }) };
  }
  if (has('prejoin') || has('launcher')) return { state: 'joining', signs };
  return { state: 'unclear', signs };
}

function findEnd(seen: Seen, visit: Visit, nowMs: number): Omit<Over, 'signs'> | null {
  const has = (sign: Sign) => seen.has(sign);
  const end = (reason: EndReason, isCertain: boolean): Omit<Over, 'signs'> => {
    return { state: 'over', reason, confidence: isCertain ? 'certain' : 'likely' };
  };
  const signIn = visit.isSignedIn ? 'auth_required' : 'sign_in_required';
  if (has('captcha')) return end('captcha_shown', false);
  if (has('loginForm')) return end(signIn, has('loginButton'));
  if (visit.isSignInDropped) return end('auth_required', false);
  if (has('signInText')) return end(signIn, has('retryScreen'));
  // No place to wait: the page tells guests to come again once the event has begun.
  if (has('notForGuestsYet')) return end('meeting_not_started', has('retryScreen'));
  if (has('refused')) return describeRefusal(visit, nowMs, has('retryScreen'));
  if (has('removed')) return end('removed', has('retryScreen'));
  if (has('notFound')) {
    // Teams has one text for a wrong id and a wrong passcode; only a missing one can be told apart.
    return end(has('passcodeEmpty') ? 'passcode_wrong' : 'meeting_not_found', false);
  }
  if (has('couldNotConnect')) return end('join_failed', has('retryScreen'));
  if (has('ended')) return end('meeting_ended', has('retryScreen'));
  return null;
}

/**
 * The text for bots that an organisation's policy turns away is not known. But people can only
 * decline who waits in the lobby: a refusal at once, without one, is taken for the policy's.
 */
function describeRefusal(visit: Visit, nowMs: number, isOnScreen: boolean): Omit<Over, 'signs'> {
  const { askedAtMs, hasWaited } = visit;
  if (!hasWaited && askedAtMs !== null && nowMs - askedAtMs < AT_ONCE_MS) {
    return { state: 'over', reason: 'bots_not_allowed', confidence: 'likely' };
  }
  return { state: 'over', reason: 'join_denied', confidence: isOnScreen ? 'certain' : 'likely' };
}
