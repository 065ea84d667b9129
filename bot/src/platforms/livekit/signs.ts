import type { SignTable } from '../signs';

const components = (what: string) => ({
  lastSeen: '2026-08-19',
  source: `livekit/components-js, ${what}`,
});
const meet = { lastSeen: '2026-04-30', source: 'livekit-examples/meet, app/page.tsx' } as const;

/** Pages made of LiveKit's own components, as LiveKit Meet is, and our own page for bare servers. */
export const LIVEKIT_SIGNS = {
  prejoin: { css: ['.lk-prejoin', 'form.lk-username-container'], ...components('PreJoin') },
  nameInput: { css: ['.lk-username-container #username'], ...components('PreJoin') },
  joinButton: { css: ['.lk-join-button'], ...components('PreJoin') },
  prejoinMicrophone: {
    css: ['.lk-prejoin button[data-lk-source="microphone"]'],
    ...components('TrackToggle'),
  },
  prejoinCamera: {
    css: ['.lk-prejoin button[data-lk-source="camera"]'],
    ...components('TrackToggle'),
  },
  room: { css: ['.lk-room-container'], isHidden: true, ...components('LiveKitRoom') },
  tile: { css: ['.lk-participant-tile'], ...components('ParticipantTile') },
  ownTile: {
    css: ['.lk-participant-tile[data-lk-local-participant="true"]'],
    ...components('useParticipantTile'),
  },
  speakingTile: {
    css: ['.lk-participant-tile[data-lk-speaking="true"]:not([data-lk-local-participant="true"])'],
    ...components('useParticipantTile'),
  },
  tileName: { css: ['.lk-participant-name'], ...components('ParticipantName') },
  /** The toast has a spinner both while it connects and while it reconnects. */
  connecting: {
    css: ['.lk-toast-connection-state:has(.lk-spinner)'],
    ...components('ConnectionStateToast'),
  },
  disconnected: {
    css: ['.lk-toast-connection-state:not(:has(.lk-spinner))'],
    ...components('ConnectionStateToast'),
  },
  /** Where LiveKit Meet goes when the call is over, for whichever reason. */
  home: { css: ['#use-e2ee'], text: ['try livekit meet'], ...meet },
  leaveButton: { css: ['.lk-disconnect-button'], ...components('DisconnectButton') },
  microphoneButton: {
    css: ['.lk-control-bar button[data-lk-source="microphone"]'],
    ...components('TrackToggle'),
  },
  chatToggle: { css: ['.lk-control-bar .lk-chat-toggle'], ...components('ChatToggle') },
  chatInput: { css: ['.lk-chat-form-input'], ...components('Chat') },
  chatEntry: { css: ['.lk-chat-messages .lk-chat-entry'], ...components('ChatEntry') },
  chatText: { css: ['.lk-message-body'], ...components('ChatEntry') },
} as const satisfies SignTable;
