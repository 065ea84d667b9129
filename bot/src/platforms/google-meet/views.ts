import type { EndReason } from '../../../../domain/end-reasons';
import type { MeetingView } from '../platform';
import type { GOOGLE_MEET_SIGNS } from './signs';

export type SignName = keyof typeof GOOGLE_MEET_SIGNS;
export type SeenSigns = ReadonlySet<string>;

export interface Stay {
  isSignedIn: boolean;
  hasBeenIn: boolean;
  isCaptchaShown: boolean;
}

/** What is said, and why that means it is over; the first that is seen decides. */
const OVER: readonly (readonly [SignName, EndReason])[] = [
  ['denied', 'join_denied'],
  ['askAgain', 'join_denied'],
  ['removed', 'removed'],
  ['ended', 'meeting_ended'],
  ['noAnswer', 'waiting_room_timeout'],
  ['wrongCode', 'meeting_not_found'],
];
/** What Google's bot detection says; a test shown beside it is the better reason. */
const TURNED_AWAY: readonly (readonly [SignName, EndReason])[] = [
  ['blocked', 'bots_not_allowed'],
  ['problem', 'join_failed'],
];
/** Pages that are the last word offer a way out; a text alone may be anything. */
const LAST_WORD: readonly SignName[] = ['backHome', 'farewell', 'askAgain'];

/**
 * Whether the page is built as a call is: people, and the tools of a call. The lobby has the tool to
 * leave, but neither of the others. What somebody writes in the chat ends no call.
 */
export function isCall(signs: SeenSigns): boolean {
  if (!signs.has('leaveButton')) return false;
  const hasPeople = signs.has('tile') || signs.has('ownTile') || signs.has('peopleRow');
  const [hasList, hasChat] = [signs.has('peopleButton'), signs.has('chatButton')];
  if (hasPeople) return hasList || hasChat;
  // One layout names nobody on its tiles.
  return hasList && hasChat && !signs.has('asking');
}

/** What a page that is not built as a call says. */
export function interpretOutside(signs: SeenSigns, stay: Stay): MeetingView {
  const seen = [...signs];
  const over = findOver(signs, stay);
  const isWaiting = signs.has('asking') || signs.has('notStarted');
  if (over || isWaiting) {
    const hasPeople = signs.has('tile') || signs.has('ownTile');
    if (hasPeople || (over && isWaiting)) return { state: 'unclear', signs: seen };
  }
  if (over) return { ...over, state: 'over', signs: seen };
  if (signs.has('notStarted')) return { state: 'waiting_room', isNotStarted: true, signs: seen };
  if (signs.has('asking')) return { state: 'waiting_room', signs: seen };
  if (signs.has('nameInput') || signs.has('joinButton')) return { state: 'joining', signs: seen };
  return { state: 'unclear', signs: seen };
}

function findOver(
  signs: SeenSigns,
  stay: Stay,
): Pick<Extract<MeetingView, { state: 'over' }>, 'reason' | 'confidence'> | null {
  const isLastWord = LAST_WORD.some((sign) => signs.has(sign));
  const confidence = isLastWord ? 'certain' : 'likely';
  const said = OVER.find(([sign]) => signs.has(sign));
  if (said) return { reason: said[1], confidence };
  const turnedAway = TURNED_AWAY.find(([sign]) => signs.has(sign));
  if (stay.isCaptchaShown) {
    return { reason: 'captcha_shown', confidence: turnedAway ? 'certain' : 'likely' };
  }
  if (turnedAway) return { reason: turnedAway[1], confidence };
  if (signs.has('signIn') || signs.has('signInText')) {
    const isBoth = signs.has('signIn') && signs.has('signInText');
    const reason = stay.isSignedIn ? 'auth_required' : 'sign_in_required';
    return { reason, confidence: isBoth ? 'certain' : 'likely' };
  }
  // A guest's page although the browser carries a sign-in.
  if (stay.isSignedIn && signs.has('nameInput')) {
    return { reason: 'auth_required', confidence: 'likely' };
  }
  // Meet words a refusal this way too; from within the call nobody knows whose doing it was.
  if (signs.has('left')) {
    return { reason: stay.hasBeenIn ? 'unknown' : 'join_denied', confidence: 'likely' };
  }
  return null;
}
