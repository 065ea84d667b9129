import type { SignTable } from '../signs';

/** Read in the public source, which tells no day on which it was seen working. */
const UNKNOWN = 'unknown';
const tests = (file: string) => ({
  lastSeen: UNKNOWN,
  source: `jitsi/jitsi-meet at 1c8216e, tests/pageobjects/${file}.ts`,
});
const code = (what: string) => ({ lastSeen: UNKNOWN, source: `jitsi/jitsi-meet, ${what}` });
const texts = { lastSeen: UNKNOWN, source: 'jitsi/jitsi-meet, lang/main.json' } as const;

/** The Jitsi Meet web client, on whichever host. */
export const JITSI_SIGNS = {
  prejoin: { css: ['[data-testid="prejoin.screen"]'], ...tests('PreJoinScreen') },
  nameInput: { css: ['#premeeting-name-input'], ...tests('PreJoinScreen') },
  joinButton: { css: ['[data-testid="prejoin.joinMeeting"]'], ...tests('PreJoinScreen') },
  prejoinMicrophoneOn: {
    css: ['[data-testid="prejoin.screen"] [aria-label="Mute microphone"]'],
    ...tests('Toolbar'),
  },
  prejoinCameraOn: {
    css: ['[data-testid="prejoin.screen"] [aria-label="Stop camera"]'],
    ...tests('Toolbar'),
  },
  lobby: { css: ['.lobby-screen'], ...tests('LobbyScreen') },
  lobbyNameInput: { css: ['[data-testid="lobby.nameField"]'], ...tests('LobbyScreen') },
  knockButton: { css: ['[data-testid="lobby.knockButton"]'], ...tests('LobbyScreen') },
  knocking: {
    css: ['.lobby-screen .joining-message'],
    text: ['asking to join meeting'],
    ...code('features/lobby/components/web/LobbyScreen.tsx'),
  },
  lobbyPasscodeButton: {
    css: ['[data-testid="lobby.enterPasswordButton"]'],
    ...tests('PreMeetingScreen'),
  },
  lobbyPasscodeInput: { css: ['[data-testid="lobby.password"]'], ...tests('PreMeetingScreen') },
  lobbyPasscodeSubmit: {
    css: ['[data-testid="lobby.passwordJoinButton"]'],
    ...tests('PreMeetingScreen'),
  },
  passcodeInput: { css: ['input[name="lockKey"]'], ...tests('PasswordDialog') },
  passcodeSubmit: { css: ['#modal-dialog-ok-button'], ...tests('BaseDialog') },
  passcodeWrong: {
    css: ['[data-testid="lobby.errorMessage"]'],
    text: ['incorrect password', 'invalid password'],
    ...code('features/lobby/components/web/LobbyScreen.tsx'),
  },
  refused: {
    css: ['[data-testid="lobby.joinRejectedMessage"]'],
    text: ['your join request has been rejected'],
    ...tests('Notifications'),
  },
  removed: {
    css: ['[data-testid="dialog.kickMessage"]', '[data-testid="dialog.kickTitle"]'],
    text: ['kicked you out of the meeting', 'you were kicked out of the meeting'],
    ...code('features/conference/actions.web.ts'),
  },
  ended: {
    css: ['[data-testid="dialog.sessTerminated"]'],
    text: ['call terminated', 'the meeting has been terminated'],
    ...texts,
  },
  notAllowed: { css: ['[data-testid="dialog.tokenAuthFailed"]'], ...tests('Notifications') },
  full: { css: ['[data-testid="dialog.maxUsersLimitReached"]'], ...tests('Notifications') },
  notStarted: {
    text: ['waiting for the host', 'has not yet started', 'no moderators have yet arrived'],
    ...texts,
  },
  loginButton: { css: ['[aria-label="Log-in"]'], ...tests('WaitingForModeratorDialog') },
  captcha: {
    css: ['iframe[src*="/recaptcha/"][title*="challenge"]', 'iframe[src*="hcaptcha.com/"]'],
    lastSeen: UNKNOWN,
    source: 'captcha frames of reCAPTCHA and hCaptcha; Jitsi itself shows none',
  },
  conference: { css: ['#largeVideoContainer'], ...code('features/large-video') },
  toolbox: { css: ['#new-toolbox'], isHidden: true, ...code('features/toolbox') },
  hangup: {
    css: ['#new-toolbox .hangup-button', '#new-toolbox [aria-label="Leave the meeting"]'],
    ...code('features/toolbox/components/web/Toolbox.tsx'),
  },
  hangupChoice: { css: ['[aria-label="Leave meeting"]'], ...code('features/toolbox') },
  microphoneOn: { css: ['#new-toolbox [aria-label="Mute microphone"]'], ...tests('Toolbar') },
  microphoneOff: { css: ['#new-toolbox [aria-label="Unmute microphone"]'], ...tests('Toolbar') },
  connectionLost: {
    css: ['.reload_overlay_title'],
    text: ['you have been disconnected'],
    ...code('features/overlay'),
  },
  tile: { css: ['span[id^="participant_"]:not([id$="_name"])'], ...tests('Filmstrip') },
  ownTile: { css: ['#localVideoContainer'], isHidden: true, ...tests('Filmstrip') },
  dominantTile: {
    css: ['span[id^="participant_"].dominant-speaker', '#localVideoContainer.dominant-speaker'],
    isHidden: true,
    ...code('features/filmstrip/components/web/Thumbnail.tsx'),
  },
  audio: {
    css: ['audio[id^="remoteAudio_"]'],
    isHidden: true,
    ...code('features/filmstrip/components/web/AudioTracksContainer.tsx'),
  },
  chatButton: { css: ['#new-toolbox [aria-label="Open chat"]'], ...tests('Toolbar') },
  chatInput: { css: ['#chat-input'], ...tests('ChatPanel') },
  chatEntry: {
    css: ['#sideToolbarContainer .chatmessage'],
    ...code('features/chat/components/web/ChatMessage.tsx'),
  },
  cookieBanner: {
    css: ['#onetrust-accept-btn-handler'],
    lastSeen: UNKNOWN,
    source: 'OneTrust banner, where a host shows one',
  },
} as const satisfies SignTable;
