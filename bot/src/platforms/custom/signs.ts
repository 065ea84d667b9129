import type { SignTable } from '../signs';

const ours = { lastSeen: '2026-11-24', source: 'temporal-dev/practice-room/page' } as const;

/** The practice room's page. */
export const CUSTOM_SIGNS = {
  nameInput: { css: ['#join input[name="name"]'], ...ours },
  microphoneChoice: { css: ['#join select[name="microphone"]'], ...ours },
  joinButton: { css: ['#join [data-action="join"]'], ...ours },
  prejoin: { css: ['body[data-state="prejoin"]'], ...ours },
  waiting: { css: ['body[data-state="waiting"]'], ...ours },
  inCall: { css: ['body[data-state="in-call"]'], ...ours },
  notFound: { css: ['body[data-state="not-found"]'], ...ours },
  refused: { css: ['body[data-state="refused"]'], ...ours },
  removed: { css: ['body[data-state="removed"]'], ...ours },
  ended: { css: ['body[data-state="ended"]'], ...ours },
  connectionLost: { css: ['body[data-connection="lost"]'], ...ours },
  ownTile: { css: ['[data-tiles] [data-participant-id][data-self="true"]'], ...ours },
  tile: { css: ['[data-tiles] [data-participant-id]'], ...ours },
  chatLine: { css: ['[data-chat-log] [data-message-id]'], ...ours },
  chatInput: { css: ['#chat input[name="text"]'], ...ours },
  microphoneButton: { css: ['[data-action="toggle-microphone"]'], ...ours },
  leaveButton: {
    css: ['[data-screen="in-call"] [data-action="leave"]', '[data-action="leave"]'],
    ...ours,
  },
} as const satisfies SignTable;
