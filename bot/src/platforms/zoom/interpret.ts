import type { EndReason } from '../../../../domain/end-reasons';
import type { MeetingView } from '../platform';
import type { SignTable } from '../signs';
import type { ZoomSigns } from './signs';

type SignName = keyof ZoomSigns;

/** What the page alone does not tell about this visit. */
export interface Visit {
  hasBeenIn: boolean;
  isSignedIn: boolean;
  /** No passcode is left to try. */
  isPasscodeGiven: boolean;
  /** For how long Zoom has known nothing of the meeting. */
  linkInvalidMs: number;
}

/** Zoom says that a link is invalid (3,001) also while the host has not started the meeting. */
export const LINK_PATIENCE_MS = 5 * 60_000;

/** Each pair is two signs of one cause; both make it certain. The order is that of precedence. */
const NO_WAY_IN: readonly [SignName, SignName, EndReason][] = [
  ['botWallText', 'rtmsText', 'bots_not_allowed'],
  ['captcha', 'captchaText', 'captcha_shown'],
  ['passcodeWrongText', 'passcodeError', 'passcode_wrong'],
  ['signInText', 'signInButton', 'sign_in_required'],
  ['joinTimeout', 'joinTimeoutText', 'join_failed'],
  ['unknownMeetingText', 'dialogTitle', 'meeting_not_found'],
];

export function isCallShown(signs: ReadonlySet<string>): boolean {
  const hasMore = signs.has('audioButton') || signs.has('tile') || signs.has('rosterButton');
  const isBefore = signs.has('nameInput') || signs.has('preview') || signs.has('waitingRoom');
  return signs.has('leaveButton') && hasMore && !isBefore;
}

/** In a call a guest may write and be called anything: texts count only where dialogs say them. */
export function dropHearsay(
  signs: ReadonlySet<string>,
  table: SignTable,
  dialogs: string,
): Set<string> {
  return new Set(
    [...signs].filter((name) => {
      const { css, text } = table[name] ?? {};
      return css !== undefined || (text ?? []).some((one) => dialogs.includes(one));
    }),
  );
}

/** What ended the call or keeps the bot out of it; null while nothing does. */
export function findEnd(signs: ReadonlySet<string>, visit: Visit): MeetingView | null {
  const over = (reason: EndReason, isCertain: boolean): MeetingView => ({
    state: 'over',
    reason,
    confidence: isCertain ? 'certain' : 'likely',
    signs: [...signs],
  });
  if (signs.has('removedText')) {
    return over(visit.hasBeenIn ? 'removed' : 'join_denied', signs.has('dialogTitle'));
  }
  if (signs.has('endedText')) return over('meeting_ended', signs.has('dialogTitle'));
  if (visit.hasBeenIn) return signs.has('awayAddress') ? over('meeting_ended', false) : null;
  for (const [one, other, reason] of NO_WAY_IN) {
    // A dialog's title or a link to sign in says nothing by itself.
    const isOtherEnough = other !== 'dialogTitle' && other !== 'signInButton';
    if (!signs.has(one) && !(isOtherEnough && signs.has(other))) continue;
    const isOwnSignIn = reason === 'sign_in_required' && visit.isSignedIn;
    return over(isOwnSignIn ? 'auth_required' : reason, signs.has(one) && signs.has(other));
  }
  if (signs.has('linkInvalidText') && visit.linkInvalidMs >= LINK_PATIENCE_MS) {
    return over('meeting_not_found', false);
  }
  return null;
}

/** Where the bot stands on its way in. */
export function interpretOutside(signs: ReadonlySet<string>, visit: Visit): MeetingView {
  const seen = [...signs];
  const isPasscodeAsked = signs.has('passcodeInput') && signs.has('nameInput');
  if (isPasscodeAsked && !visit.isPasscodeGiven) {
    return { state: 'over', reason: 'passcode_wrong', confidence: 'likely', signs: seen };
  }
  const isNotStarted = signs.has('notStartedText') || signs.has('linkInvalidText');
  if (signs.has('waitingRoom') || signs.has('waitingText') || isNotStarted) {
    // The text of before may stay beside the one that tells of the host's coming.
    const isHostThere = signs.has('waitingText');
    return { state: 'waiting_room', isNotStarted: isNotStarted && !isHostThere, signs: seen };
  }
  const isOnItsWay = ['nameInput', 'preview', 'joiningText'].some((name) => signs.has(name));
  return { state: isOnItsWay && !visit.hasBeenIn ? 'joining' : 'unclear', signs: seen };
}
