import type { SignTable } from '../signs';

// The day is that of the source's newest change to what it says here.
const attendee = { lastSeen: '2026-08-19', source: 'Attendee: google_meet_ui_methods.py' } as const;
const payload = { lastSeen: '2026-08-09', source: 'Attendee: google_meet_chromedriver' } as const;
const vexa = { lastSeen: '2026-07-24', source: 'Vexa: join/googlemeet/selectors.ts' } as const;
const screenapp = { lastSeen: '2026-06-18', source: 'screenapp: GoogleMeetBot.ts' } as const;
const joinly = { lastSeen: '2026-03-06', source: 'joinly: google_meet.py' } as const;
const engagium = { lastSeen: '2025-11-29', source: 'Engagium: Meet DOM reference' } as const;

/** The lobby's own preview is a "tile" too; only its effects button tells it from a person's. */
const PERSON_TILE =
  '[data-participant-id]:not([role="listitem"])' +
  ':not(:is([aria-label*="Backgrounds and effects"], :has([aria-label*="Backgrounds and effects"])))';

/** Google Meet's pages in English. */
export const GOOGLE_MEET_SIGNS = {
  // Before the call
  nameInput: {
    css: ['input[type="text"][aria-label="Your name"]', 'input[jsname][type="text"]'],
    ...attendee,
  },
  joinButton: {
    css: ['button[jsname="Qx7uuf"]:not([aria-label])'],
    text: [
      'Ask to join',
      'Join now',
      'Ask to join anyway',
      'Join the call now',
      'Join anyway',
      'Join here too',
    ],
    ...attendee,
  },
  noDevicesButton: { text: ['Continue without microphone and camera'], ...screenapp },
  microphoneIsOn: {
    css: [
      '[aria-label^="Turn off microphone"]',
      '[aria-label*="microphone" i][data-is-muted="false"]',
    ],
    ...attendee,
  },
  microphoneIsOff: {
    css: [
      '[aria-label^="Turn on microphone"]',
      '[aria-label*="microphone" i][data-is-muted="true"]',
    ],
    ...attendee,
  },
  cameraIsOn: {
    css: ['[aria-label^="Turn off camera"]', '[aria-label*="camera" i][data-is-muted="false"]'],
    ...attendee,
  },
  asking: {
    text: [
      'Asking to be let in',
      "You'll join the call when someone lets you in",
      'Please wait until a meeting host brings you into the call',
    ],
    css: ['[aria-label*="Asking to be let in"]'],
    ...vexa,
  },
  notStarted: { text: ['Waiting for the host to join'], ...attendee },
  backHome: {
    css: ['a[aria-label="Return to home screen"]'],
    text: ['Return to home screen'],
    ...vexa,
  },

  // Things in the way
  gotItButton: { text: ['Got it'], ...attendee },
  /** "This call is being recorded" and the like: whoever stays must say so. */
  noticeDialog: {
    css: ['[aria-modal="true"][role="dialog"]:has([data-mdc-dialog-action="ok"])'],
    ...payload,
  },
  noticeButton: { css: ['[role="dialog"] button[data-mdc-dialog-action="ok"]'], ...payload },
  noticeText: {
    text: [
      'This video call is being recorded',
      'This video call is being transcribed',
      'Gemini is taking notes',
      'Others may see your video differently',
    ],
    ...payload,
  },
  captcha: {
    css: ['iframe[src*="recaptcha"]:not([src*="size=invisible"])'],
    lastSeen: '2026-08-21',
    source: 'Vexa: join/googlemeet/admission.ts',
  },

  // The end, or no beginning
  denied: {
    text: [
      'Someone in the call denied your request to join',
      'Your request to join was denied',
      "weren't allowed to join",
    ],
    ...vexa,
  },
  askAgain: { text: ['Ask to join again'], ...vexa },
  noAnswer: { text: ['No one responded to your request to join the call'], ...screenapp },
  blocked: { text: ["You can't join this video call", "You can't join this call"], ...attendee },
  problem: { text: ['There is a problem connecting to this video call'], ...attendee },
  wrongCode: {
    text: [
      'Check your meeting code',
      'Invalid video call name',
      'Your meeting code has expired',
      "The meeting code you entered doesn't work",
    ],
    ...attendee,
  },
  signIn: {
    css: ['#identifierId', 'input[type="email"][aria-label="Email or phone"]'],
    ...attendee,
  },
  signInText: { text: ['your Google Account', 'to continue to Google Meet'], ...attendee },
  farewell: { css: ['.roSPhc'], ...payload },
  removed: { text: ["You've been removed from the meeting"], ...payload },
  ended: {
    text: [
      'Your host ended the meeting for everyone',
      'The call ended because everyone left',
      'The meeting has ended',
      'This meeting has ended',
      'Meeting ended',
      'Call ended',
    ],
    ...payload,
  },
  left: { text: ['You left the meeting', "You've left the meeting"], ...vexa },

  // In the call. Its toolbar hides itself, so being there is enough.
  tile: { css: [PERSON_TILE], isHidden: true, ...vexa },
  tileName: { css: ['span.notranslate', '[data-self-name]', '.zWGUib', '.XWGOtd'], ...vexa },
  ownTile: { css: ['[data-self-name]'], isHidden: true, ...vexa },
  speaking: {
    css: [
      '[data-audio-level]:not([data-audio-level="0"])',
      '.Oaajhc',
      '.HX2H7',
      '.wEsLMd',
      '.OgVli',
    ],
    ...vexa,
  },
  /** A border that is there all the time and displayed while the person speaks. */
  speakingFrame: { css: ['[data-participant-id] div:empty'], isHidden: true, ...joinly },
  leaveButton: {
    css: ['[jsname="CQylAd"][aria-label="Leave call"]', 'button[aria-label="Leave call"]'],
    isHidden: true,
    ...attendee,
  },
  peopleButton: { css: ['button[aria-label^="People"]'], isHidden: true, ...screenapp },
  peopleCount: { css: ['[data-avatar-count]'], isHidden: true, ...screenapp },
  chatButton: { css: ['button[aria-label^="Chat"]'], isHidden: true, ...joinly },
  peopleList: { css: ['[aria-label="Participants"][role="list"]'], ...joinly },
  peopleRow: {
    css: ['[aria-label="Participants"][role="list"] [role="listitem"]'],
    ...joinly,
  },
  hostMark: { text: ['Meeting host'], ...engagium },
  selfMark: { text: ['(You)'], ...engagium },
  presentationMark: { text: ['Your presentation', 'Presentation'], ...engagium },
  chatInput: {
    css: ['textarea[aria-label^="Send a message"]', 'textarea[placeholder*="Send a message"]'],
    ...joinly,
  },
  chatMessage: { css: ['[data-message-id]'], ...joinly },
  alert: { css: ['[role="alert"]', '[role="alertdialog"]', '[aria-live="assertive"]'], ...vexa },
  connectionLost: {
    text: ['You lost your network connection', 'Connection lost', 'Reconnecting'],
    ...vexa,
  },
  audioOnly: { text: ['Incoming video is set to audio only'], ...attendee },
} as const satisfies SignTable;
