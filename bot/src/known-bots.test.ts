import { isKnownBot } from './known-bots';

describe('a name in the call', () => {
  test.each([
    'Otter.ai',
    'OtterPilot',
    'Maya’s OtterPilot',
    'Fireflies.ai Notetaker Maya',
    'read.ai meeting notes',
    'Fathom Notetaker',
    'Maya’s Fathom.ai',
    'tl;dv',
    'tldv.io recorder',
    'Recall.ai',
    'Gong',
    'Gong Recorder',
    'Avoma Assistant',
    'MeetGeek AI',
    'Sembly AI',
    'Krisp Notetaker',
    'AI Note-Taker (Jonas)',
    'Notetaker',
  ])('%s is taken for another note-taking bot', (name) => {
    expect(isKnownBot(name)).toBe(true);
  });

  test.each(['Maya', 'Otter', 'Reada Read', 'Fathom Jones', 'Gong Li', 'Notes', 'Grain Smith', ''])(
    '%j is taken for a person',
    (name) => {
      expect(isKnownBot(name)).toBe(false);
    },
  );
});
