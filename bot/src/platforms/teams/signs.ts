import type { SignTable } from '../signs';

// What others saw, and when. None of it was seen by us on Microsoft's own pages.
const guestRecon = { lastSeen: '2026-07-19', source: 'meetbot, walk through the guest pages' };
const capture = { lastSeen: '2026-07-06', source: 'Notice Card, captured pages of the web client' };
const tour = { lastSeen: '2026-07-09', source: 'MeetSync, inspection of a live meeting' };
const liveClient = {
  lastSeen: '2026-09-01',
  source: 'copilot meeting-bot, inspected live clients',
};
const attendee = { lastSeen: '2026-08-19', source: 'Attendee 1.62, teams_ui_methods' };
const vexa = { lastSeen: '2026-08-21', source: 'Vexa 0.12, selectors of msteams' };
const omnibus = { lastSeen: '2026-09', source: 'Omnibus, teams session' };

/** Teams' web client: the full one and the one for guests under /light-meetings. */
export const TEAMS_SIGNS = {
  // On the way to the meeting
  launcher: { css: ['[data-tid="joinOnWeb"]'], text: ['Continue on this browser'], ...capture },
  loginForm: { css: ['input[name="loginfmt"]', 'input[name="passwd"]'], ...attendee },
  loginButton: { css: ['#idSIButton9', 'input[type="submit"]'], ...omnibus },
  app: {
    css: ['[data-tid="app-layout-area--main"]', '[data-tid="me-control-avatar"]'],
    ...omnibus,
  },
  ownName: { css: ['[data-tid="me-control-avatar"]'], lastSeen: '2026-09-26', source: 'Minutes' },

  // Pre-join
  prejoin: {
    css: ['[data-tid="calling-prejoin-screen"]', '[data-tid="prejoin-join-button"]'],
    ...guestRecon,
  },
  nameInput: {
    css: [
      'input[data-tid="prejoin-display-name-input"]',
      '[data-tid="calling-prejoin-screen"] input[placeholder="Type your name"]',
    ],
    ...guestRecon,
  },
  microphoneChoice: { css: ['[data-tid="toggle-mute"]'], ...guestRecon },
  cameraChoice: { css: ['[data-tid="toggle-video"]'], ...guestRecon },
  joinButton: { css: ['[data-tid="prejoin-join-button"]', '#prejoin-join-button'], ...guestRecon },
  cancelButton: { css: ['[data-tid="prejoin-cancel-button"]'], ...guestRecon },
  withoutDevices: {
    css: ['button[aria-label="Continue without audio or video"]'],
    text: ['Continue without audio or video'],
    ...vexa,
  },

  // Waiting
  lobby: {
    css: ['[data-tid="calling-lobby-screen"]', '[data-tid="lobby-screen"]'],
    ...capture,
  },
  lobbyText: {
    text: [
      'Someone will let you in soon',
      'Someone will let you in shortly',
      'Someone in the meeting should let you in soon',
      'Waiting for someone to let you in',
      "You're in the lobby",
    ],
    ...attendee,
  },
  notStartedText: {
    text: [
      'Someone will let you in when the meeting starts',
      "When the meeting starts, we'll let people know you're waiting",
    ],
    lastSeen: '2026-08-11',
    source: 'Meeting BaaS, pull request 291: pages of 266 bots',
  },

  // In the call
  hangup: {
    css: ['[data-tid="hangup-main-btn"]', '#hangup-button', '[data-inp="hangup-button"]'],
    lastSeen: '2026-09-30',
    source: 'VisioNext, live on teams.live.com',
  },
  stage: {
    css: [
      '[data-tid="call-duration"]',
      '[data-tid="stage-layouts-renderer"]',
      '#callingButtons-showMoreBtn',
      '#roster-button',
    ],
    ...capture,
  },
  /** Where Teams tells about the call itself; what is said in the chat must not count. */
  callNotice: {
    css: ['#call-status', '[data-tid^="callingAlert"]'],
    lastSeen: '2026-07-09',
    source: 'MeetSync (alerts); Vexa (call-status)',
  },
  connectionLost: { text: ['Connection lost', 'Unable to connect', 'Reconnecting'], ...vexa },
  noticeDismiss: { css: ['[data-tid^="callingAlertDismissButton_"]'], ...omnibus },
  microphoneButton: {
    css: ['#microphone-button', '[data-inp="microphone-button"]', '#mic-button'],
    lastSeen: '2026-09-30',
    source: 'VisioNext, live on teams.live.com; #mic-button: copilot meeting-bot, guests',
  },
  viewButton: { css: ['#view-mode-button', '#custom-view-button'], ...liveClient },
  viewMore: { css: ['#ViewModeMoreOptionsMenuControl-id'], ...attendee },
  incomingVideoOff: {
    css: [
      '[aria-label="Turn off incoming video"]',
      '[aria-label="Turn off all videos"]',
      '#incoming-video-button',
      '#toggle-incoming-video-button',
    ],
    ...attendee,
  },

  // People
  rosterButton: { css: ['#roster-button', '[data-inp="roster-button"]'], ...tour },
  rosterRow: {
    css: ['[data-tid^="participantsInCall-"]', '[data-tid^="attendeesInMeeting-"]'],
    ...liveClient,
  },
  /** Carry a person's Teams id in the roster, as the end of their id. */
  rosterIdentity: {
    css: ['[id^="calling-roster-item-"]', '[id^="roster-avatar-img-"]'],
    lastSeen: '2026-06-25',
    source: 'AX Research, trees of Teams on macOS',
  },
  rosterCount: { css: ['[data-tid="roster-button-tile"]'], ...omnibus },
  organizer: { css: ['[data-tid="ts-roster-organizer-status"]'], ...tour },
  organizerLabel: { text: ['Organizer'], ...liveClient },
  tile: {
    css: [
      '[data-cid="calling-participant-stream"]',
      '[data-stream-type][data-tid]',
      '[data-tid="menur1j"]',
    ],
    lastSeen: '2026-09-28',
    source: 'Minutes; menur1j: Meeting BaaS, the personal client',
  },
  sharedScreen: {
    css: ['[data-stream-type="ScreenSharing"]'],
    lastSeen: '2026-02-18',
    source: 'research notes on speaker detection in Teams',
  },
  tileIdentity: {
    css: ['[data-acc-element-id]', '[data-person-mri]'],
    lastSeen: '2026-07-06',
    source: 'Notice Card (mri); an extension that renames people (acc-element-id)',
  },
  nameTag: {
    css: ['[data-tid="participant-info-nametag"]'],
    lastSeen: '2026-09-18',
    source: 'Meeting BaaS, pull request 342: a live meeting',
  },
  outline: {
    css: ['[data-tid="voice-level-stream-outline"]'],
    lastSeen: '2026-09-28',
    source: 'Minutes; missing in some sessions (Vexa, issue 1356)',
  },
  speaking: {
    css: [
      '[data-tid="voice-level-stream-outline"][data-is-speaking="true"]',
      '[data-tid="voice-level-stream-outline"].vdi-frame-occlusion',
    ],
    lastSeen: '2026-06-29',
    source: 'AX Research, three people taking turns',
  },
  mutedMark: {
    css: ['[data-cid="roster-participant-muted"]'],
    lastSeen: '2026-02-18',
    source: 'research notes on speaker detection in Teams',
  },

  // Chat
  chatButton: { css: ['#chat-button', '[data-inp="chat-button"]'], ...attendee },
  chatInput: {
    css: [
      '[data-tid="ckeditor"][contenteditable="true"]',
      '[aria-label="Type a message"]',
      '[placeholder="Type a message"]',
    ],
    ...attendee,
  },
  chatSend: {
    css: ['[data-tid="newMessageCommands-send"]', '[data-tid="sendMessageCommands-send"]'],
    ...omnibus,
  },
  /** Around the messages that one person sent in a row. */
  chatItem: { css: ['[data-tid="chat-pane-item"]'], ...tour },
  chatMessage: { css: ['[data-tid="chat-pane-message"][data-mid]'], ...tour },
  chatAuthor: { css: ['[data-tid="message-author-name"]', '[id^="author-"]'], ...tour },
  chatBody: { css: ['[id^="content-"]', '[data-tid="messageBodyContent"]'], ...tour },
  ownMessage: {
    css: ['.fui-ChatMyMessage'],
    lastSeen: '2026-08-16',
    source: 'Teamswatch, page of a chat',
  },

  // How it ends
  retryScreen: {
    css: [
      '[data-tid="calling-retry-screen"]',
      '#calling-retry-screen-title',
      '#calling-retry-screen-description',
    ],
    ...guestRecon,
  },
  /** Shown with the retry screen where a meeting's id and passcode can be typed anew. */
  passcodeEmpty: { css: ['[data-tid="meeting-passcode-input"]:placeholder-shown'], ...guestRecon },
  refused: {
    css: ['[data-tid="calling-declined-screen"]'],
    text: ['denied access to the meeting', 'Your request to join was declined'],
    ...attendee,
  },
  removed: {
    text: [
      "You've been removed from this meeting",
      'You have been removed from this meeting',
      'Removed from the meeting',
    ],
    ...attendee,
  },
  ended: {
    text: [
      'The meeting has ended',
      'This meeting has ended',
      'Meeting ended',
      'Call ended',
      'Did you leave by mistake?',
    ],
    ...vexa,
  },
  notFound: {
    text: [
      "We couldn't find a meeting matching this ID and passcode",
      'Looks like the meeting URL is incorrect',
    ],
    ...guestRecon,
  },
  captcha: { text: ["Verify you're a real person"], ...attendee },
  signInText: {
    text: [
      'We need to verify your info before you can join',
      'To join, sign in or use Teams on the web',
      'You need to be signed in to Teams to access this meeting',
      "If you're not signed in to a Teams (work or school) account, sign in and try joining again",
      'Sign in to Teams to join, or contact the meeting organizer',
      'To join this Teams meeting, you need to be signed in to an account',
      'To join this meeting, sign in again or select another account',
      'Due to org policy, you need to sign in or use Teams on the web to join this meeting',
    ],
    ...attendee,
  },
  notForGuestsYet: {
    text: ['External participants are not permitted to join before the event begins'],
    ...attendee,
  },
  couldNotConnect: {
    css: ['[data-tid="calling-e2ee-end-screen"]'],
    text: ["we couldn't connect you"],
    ...attendee,
  },
} as const satisfies SignTable;
