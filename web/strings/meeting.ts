import type { GapReason } from '../../domain/events';
import { formatClock } from '@/meetings/times';

/** Why a stretch was not heard, where more can be said than that. */
const gapReasons: Partial<Record<GapReason, string>> = {
  silent_capture: 'people spoke and no sound reached the bot',
  waiting_room: 'the bot had been put back into the waiting room',
  audio_never_arrived: 'the bot had the sound, and it never arrived',
  crashed: 'the bot crashed and was replaced',
  lost: 'the bot stopped answering and was replaced',
  browser_crashed: 'the bot’s browser crashed',
  connection_lost: 'the bot lost its connection',
  page_frozen: 'the meeting page stopped answering',
};

const seconds = (ms: number): string => `${Math.max(1, Math.round(ms / 1000))} s`;

/** Words of one meeting’s page. */
export const meeting = {
  back: 'Meetings',
  loading: 'The meeting is being read…',
  deleted: {
    title: 'This meeting was deleted',
    text: 'Its words, sound and analysis are gone for good.',
  },
  view: { label: 'View', transcript: 'Transcript', details: 'Details' },
  actions: {
    analysing: 'The meeting is being analysed again.',
    start: 'Start bot',
    restart: 'Start bot again',
    stop: 'Stop bot',
    stopping: 'The bot has been asked to leave.',
    started: 'The bot is on its way.',
    accepted: 'Kept, and carried out as soon as a worker answers.',
    cancelPlan: 'Cancel the plan',
    finishing: 'The recording is finished.',
    cancelled: 'The file is cancelled.',
    share: 'Share',
    export: 'Export',
    more: 'More actions',
    rename: 'Rename',
    copyLink: 'Copy the meeting’s link',
    open: 'Open the call',
    delete: 'Delete',
    retry: 'Try failed sound again',
    retried: (count: number) =>
      count === 0
        ? 'Nothing had failed.'
        : `${count === 1 ? 'One piece of sound is' : `${count} pieces of sound are`} tried again.`,
  },
  rename: {
    title: 'Rename the meeting',
    label: 'Title',
    hint: 'Leave it empty for none.',
    done: 'Renamed',
  },
  remove: {
    title: 'Delete this meeting?',
    text: 'Its words, sound, analysis and links are deleted for good. A bot that is in the call leaves.',
    action: 'Delete for good',
    done: 'The meeting is deleted.',
  },
  unheardStart: {
    title: 'The bot was not started',
    text: 'The server could not be reached. Start the bot here once it can.',
  },
  finish: {
    title: 'Finish this recording?',
    text: 'What has come so far is written down. Sound that its page has not sent yet is not taken any more.',
    action: 'Finish recording',
  },
  cancelUpload: {
    title: 'Cancel this file?',
    text: 'No more of it is taken. Words that were written down until now stay.',
    action: 'Cancel the file',
  },
  upload: {
    label: 'How far the file is',
    receiving: (percent: number) => `Uploading, ${percent} %`,
    decoding: 'Being decoded',
    percent: (percent: number) => `${percent} %`,
    transcribing: (percent: number) => `Being written down, ${percent} %`,
  },
  transcript: {
    title: 'Transcript',
    skip: 'Skip the transcript',
    skipBack: 'Skip back over the transcript',
    follow: 'Go to the newest words',
    newWords: (count: number) => (count === 1 ? '1 new' : `${count} new`),
    unknownSpeaker: 'Unknown speaker',
    renameSpeaker: (name: string) => `Rename ${name}`,
    corrected: 'Corrected after it was first written',
    copy: 'Copy with its source',
    jump: (time: string) => `Play from ${time}`,
    at: (time: string) => `At ${time}`,
    gap: (startMs: number, endMs: number | null, reason: GapReason) => {
      const why = gapReasons[reason];
      const what =
        endMs === null
          ? `Nothing was heard from ${formatClock(startMs)} on`
          : `Nothing was heard for ${seconds(endMs - startMs)}`;
      return why ? `${what}: ${why}.` : `${what}.`;
    },
    failed: (startMs: number, endMs: number) =>
      `No words could be had for ${seconds(endMs - startMs)} of sound. It is kept and can be tried again.`,
    citation: (quote: {
      text: string;
      speaker: string;
      time: string;
      title: string;
      url: string;
    }) => `“${quote.text}”\n— ${quote.speaker}, ${quote.time}, ${quote.title}\n${quote.url}`,
    empty: {
      none: {
        title: 'No words yet',
        text: 'Start the bot: what is said appears here as it is spoken.',
      },
      planned: {
        title: 'The meeting has not begun',
        text: 'The bot joins by itself at the planned time.',
      },
      listening: {
        title: 'The bot is listening',
        text: 'Words appear here a few seconds after they are spoken.',
      },
      joining: {
        title: 'The bot is on its way',
        text: 'Once it is in the call, words appear here.',
      },
      recording: {
        title: 'A browser records this meeting',
        text: 'Words appear here a few seconds after they are spoken. If the page that records it is gone, finish the recording.',
      },
      sending: {
        title: 'The file is being uploaded',
        text: 'The page or program that sends it has to go on. Words appear here once all of it has come.',
      },
      transcribing: {
        title: 'The file is being written down',
        text: 'Words appear here piece by piece. You can leave this page meanwhile.',
      },
      finishing: {
        title: 'The last words are being written down',
        text: 'What was heard until the end appears here in a moment.',
      },
      silent: { title: 'Nothing was said', text: 'No words were heard in this meeting.' },
    },
    ended: {
      failed: {
        bot: 'No words: the bot did not make it',
        recorder: 'No words: the recording failed',
        upload: 'No words: the file could not be written down',
      },
      cancelled: {
        bot: 'This meeting was cancelled',
        recorder: 'This recording was cancelled',
        upload: 'This file was cancelled',
      },
      timeline: 'See what happened',
    },
    connection: {
      connecting: 'Connecting…',
      live: 'Live',
      polling: 'Live, by requests',
      lost: 'Connection lost; trying again',
    },
  },
  search: {
    label: 'Search in this meeting',
    count: (at: number, all: number) => (all === 0 ? 'No match' : `${at} of ${all}`),
    next: 'Next match',
    previous: 'Match before',
  },
  player: {
    label: 'Recording',
    missing:
      'The recording could not be played. Load the page again; if that does not help, it is gone from the store.',
    play: 'Play',
    pause: 'Pause',
    back: 'Back 10 seconds',
    ahead: 'Ahead 10 seconds',
    place: 'Place in the recording',
    placeOf: (at: string, all: string) => `${at} of ${all}`,
    speed: (speed: number) => `Speed: ${speed} times`,
    none: {
      recording: 'The recording can be played once the meeting is over.',
      assembling: 'The recording is being put together; it can be played in a moment.',
      failed:
        'The recording could not be put together. The words are whole; its parts are kept for whoever runs this installation.',
      notMade:
        'There is no recording to play. One is made right after the last word; of older meetings none was kept.',
      notKept:
        'No sound was kept of this meeting. Choose “Keep a recording” when you make one, or in your settings for all.',
    },
  },
  panel: {
    label: 'About this meeting',
    analysis: 'Summary',
    people: 'People',
    timeline: 'Timeline',
    talk: 'Chat',
    notes: 'Notes',
  },
};
