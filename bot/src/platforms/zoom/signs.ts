import type { SignTable } from '../signs';

const vexa = {
  lastSeen: '2026-07-19',
  source: 'Vexa, join/src/zoom/selectors.ts: checked in a live client',
} as const;
const meetingBaas = {
  lastSeen: '2026-08',
  source: 'Meeting BaaS, meet-teams-bot src/meeting/zoom*.ts',
} as const;
const capture = {
  lastSeen: '2026-10-06',
  source: 'meeting-summarizer, tests/fixtures: captured from client 7.1.0 and 7.2.0',
} as const;
const served = {
  lastSeen: '2026-10-02',
  source: 'meeting-summarizer, docs/research: code of the served client 7.2.0, state not seen live',
} as const;
const inventory = {
  lastSeen: '2026-04-30',
  source: 'operator, docs/dom-inventory-zoom.md: probed in a live client',
} as const;
const attendee = {
  lastSeen: '2026-07-13',
  source: 'Attendee, zoom_web_ui_methods.py: the Meeting SDK’s client view, same code base',
} as const;
const meetingbot = {
  lastSeen: '2025-07-20',
  source: 'meetingbot, src/bots/zoom/src/bot.ts: reads the icons of the participants panel',
} as const;

/**
 * Zoom's web client. Its texts are English: the browser's language is pinned. A sign is either of
 * selectors or of texts; where it has both, the texts are the labels of what the selectors find.
 * `lastSeen` is what the source says of itself, else the day on which that file was last changed.
 */
export const ZOOM_SIGNS = {
  clientFrame: { css: ['iframe#webclient', 'iframe.pwa-webclient__iframe'], ...capture },

  // Before the call.
  nameInput: {
    css: ['#input-for-name', '#inputname', 'input[placeholder="Your Name" i]'],
    ...vexa,
  },
  joinButton: { css: ['button.preview-join-button', '#joinBtn'], ...vexa },
  preview: { css: ['.preview-root', '.preview-meeting-info'], ...served },
  passcodeInput: {
    css: ['#input-for-pwd', 'input[placeholder*="passcode" i]', 'input[type="password"]'],
    ...meetingBaas,
  },
  previewMicrophone: { css: ['#preview-audio-control-button'], ...vexa },
  previewCamera: { css: ['#preview-video-control-button'], ...vexa },
  cookieBanner: {
    css: ['#onetrust-reject-all-handler', '#onetrust-accept-btn-handler'],
    ...vexa,
  },
  termsButton: { css: ['#disclaimer_agree', '#wc_agree1'], ...meetingBaas },
  permissionDialog: {
    css: [
      '.pepc-permission-dialog__footer-button',
      '.continue-without-mic-camera',
      '.ReactModal__Content [role="button"]',
      '.ReactModal__Content button',
    ],
    text: ['continue without microphone and camera', 'continue without audio'],
    ...inventory,
  },
  browserLink: {
    css: ['button.zoom-button', 'a[role="button"]', 'a'],
    text: ['join from browser', 'join from your browser'],
    ...inventory,
  },
  joiningText: {
    text: ['joining meeting', 'joining the meeting', 'connecting to the meeting'],
    ...meetingBaas,
  },

  // Waiting.
  waitingRoom: {
    css: ['.waiting-room-container', '.wr-information', '.on-hold-main', '.meeting-on-hold'],
    ...served,
  },
  waitingText: {
    text: [
      'host will let you in',
      "we've let them know you're here",
      'host has joined',
      'admitted shortly',
    ],
    ...meetingBaas,
  },
  notStartedText: {
    text: [
      'waiting for the host to start',
      'waiting for the host to join',
      'please wait for the host to start',
      'host has another meeting in progress',
    ],
    ...served,
  },
  leaveWaitingButton: { css: ['button.leave-btn', '#leave-btn'], ...attendee },

  // Why there is no way in.
  linkInvalidText: { text: ['this meeting link is invalid'], ...vexa },
  unknownMeetingText: {
    text: ['this meeting id is not valid', 'invalid meeting id'],
    lastSeen: 'never',
    source: 'errors of Zoom’s desktop client and SDK; not seen in the web client',
  },
  passcodeError: { css: ['#error-for-pwd', '#input-for-pwd[aria-invalid="true"]'], ...meetingBaas },
  passcodeWrongText: {
    text: [
      'passcode wrong',
      'wrong passcode',
      'incorrect passcode',
      'passcode is incorrect',
      'invalid passcode',
      'incorrect password',
    ],
    ...attendee,
  },
  signInText: {
    text: [
      'for authorized attendees only',
      'sign in to join',
      'only authenticated users can join',
      'this meeting requires authentication',
      'authentication is required',
      'host requires authentication',
    ],
    ...meetingBaas,
  },
  signInButton: { css: ['button.login-btn-zoom', 'a[href*="/signin"]'], ...attendee },
  botWallText: {
    text: ["automated bots aren't allowed", 'detected you may be a bot'],
    lastSeen: '2026-10-06',
    source: 'meeting-summarizer, docs/research; Vexa selectors.ts; screenapp issue 45',
  },
  rtmsText: { text: ['must use zoom rtms'], ...vexa },
  captcha: {
    css: [
      '.component_smart_captcha',
      '.CaptchaContainer',
      'input[placeholder*="captcha" i]',
      // An invisible reCAPTCHA asks nobody anything.
      'iframe[src*="recaptcha"][src*="size=normal"]',
      'iframe[src*="recaptcha"][src*="/bframe"]',
    ],
    ...meetingBaas,
  },
  captchaText: { text: ['type the characters you see', 'check captcha'], ...meetingBaas },
  joinTimeout: { css: ['[role="dialog"][aria-label="Meeting connected timeout."]'], ...capture },
  joinTimeoutText: { text: ['joining meeting timeout or browser restriction'], ...capture },

  // The call. Its footer hides by itself when nobody moves the mouse.
  leaveButton: {
    css: ['.footer__leave-btn-container button', 'button[aria-label="Leave"]'],
    isHidden: true,
    ...capture,
  },
  leaveConfirm: {
    css: ['button.leave-meeting-options__btn--danger', 'button.leave-meeting-options__btn'],
    ...vexa,
  },
  audioButton: { css: ['button.join-audio-container__btn'], isHidden: true, ...inventory },
  computerAudio: { css: ['button.join-audio-by-voip__join-btn'], ...meetingBaas },
  moreMenu: {
    css: ['[aria-label="More meeting control "] button', '[aria-label="More meeting control "]'],
    isHidden: true,
    ...attendee,
  },
  stopIncomingVideo: { css: ['[aria-label="Stop Incoming Video"]'], ...attendee },
  dialog: { css: ['.zm-modal', '.zm-modal-legacy', '.ReactModal__Content'], ...capture },
  dialogTitle: { css: ['.zm-modal-body-title'], ...capture },
  dialogButton: {
    css: ['.zm-modal button', '.zm-modal-legacy button', '.ReactModal__Content button'],
    text: ['ok', 'got it', 'continue', 'i understand', 'stay muted', 'later'],
    ...vexa,
  },
  endedText: {
    text: [
      'this meeting has been ended by',
      'the meeting has been ended',
      'host ended the meeting',
      'meeting has ended',
    ],
    ...capture,
  },
  removedText: {
    text: ['you have been removed', 'removed you from', 'removed from the meeting'],
    ...vexa,
  },
  reconnecting: { css: ['.dialog-reconnect-container'], ...served },
  disconnected: { css: ['#wc-leave'], ...served },
  /** Seen by the page's address, which takes no selector. */
  awayAddress: { ...capture },

  // People. The panel's rows have no id of their own; their number says only where they stand.
  rosterButton: { css: ['button[aria-label*="participants list"]'], isHidden: true, ...inventory },
  rosterHeader: { css: ['[aria-label^="Participants ("]'], ...inventory },
  rosterRow: { css: ['.participants-li'], ...capture },
  rosterName: { css: ['.participants-item__display-name'], ...capture },
  rosterLabel: { css: ['.participants-item__name-label'], ...capture },
  speakingIcon: {
    css: ['.participants-icon__voip-speaking-icon', '.participants-icon__phone-speaking-icon'],
    ...meetingbot,
  },
  tile: { css: ['.video-avatar__avatar'], ...capture },
  tileName: {
    css: ['.video-avatar__avatar-footer > span', '.video-avatar__avatar-footer'],
    ...capture,
  },
  activeTile: {
    css: [
      '.gallery-video-container__video-frame--active',
      '.speaker-bar-container__video-frame--active',
      '.speaker-active-container__video-frame--active',
    ],
    ...capture,
  },

  // Chat.
  chatButton: { css: ['button[aria-label*="chat panel"]'], isHidden: true, ...inventory },
  chatUnread: {
    css: [
      'button[aria-label*="chat panel"] [class*="number-badge"]',
      '.last-chat-message-tip__container',
    ],
    ...served,
  },
  chatInput: {
    css: ['.chat-rtf-box__editor-outer [contenteditable="true"]', '.tiptap.ProseMirror'],
    ...vexa,
  },
  chatSend: {
    css: ['button.chat-rtf-box__send:not(.chat-rtf-box__send--disabled)'],
    ...inventory,
  },
  chatItem: { css: ['.chat-item-container'], ...inventory },
  chatMessage: { css: ['.new-chat-message__container'], ...inventory },
  chatSender: { css: ['.chat-item__sender'], ...inventory },
  chatText: {
    css: [
      '.new-chat-message__text-content',
      '.chat-rtf-box__display',
      '.new-chat-message__text-box',
    ],
    ...inventory,
  },
  chatTextBox: { css: ['.new-chat-message__text-box'], ...inventory },
} as const satisfies SignTable;

export type ZoomSigns = typeof ZOOM_SIGNS;

const LABELLED = ['permissionDialog', 'browserLink', 'dialogButton'];

/** The signs that say something by being there; the others' texts are mere labels of buttons. */
export function listReadable(table: ZoomSigns): SignTable {
  const readable = Object.entries(table).filter(([name]) => !LABELLED.includes(name));
  return Object.fromEntries(readable);
}
