import { Roster } from './roster';

const maya = { key: 'p-1', name: 'Maya', isHost: true, isSelf: false };
const jonas = { key: 'p-2', name: 'Jonas', isHost: false, isSelf: false };
const bot = { key: 'p-3', name: 'Notes', isHost: false, isSelf: true };

describe('the roster', () => {
  test('says who joined, and which of them is the bot', () => {
    const changes = new Roster().update([maya, bot], 1000);
    expect(changes).toEqual([
      { key: 'p-1', name: 'Maya', change: 'joined', isHost: true, isBot: false, atMs: 1000 },
      { key: 'p-3', name: 'Notes', change: 'joined', isHost: false, isBot: true, atMs: 1000 },
    ]);
  });

  test('says nothing when nothing changed', () => {
    const roster = new Roster();
    roster.update([maya, bot], 1000);
    expect(roster.update([bot, maya], 2000)).toEqual([]);
  });

  test('says who left and who goes by another name', () => {
    const roster = new Roster();
    roster.update([maya, jonas, bot], 1000);
    const changes = roster.update([{ ...jonas, name: 'Jonas B.' }, bot], 2000);
    expect(changes).toMatchObject([
      { key: 'p-1', change: 'left' },
      { key: 'p-2', name: 'Jonas B.', change: 'renamed' },
    ]);
  });

  test('counts everyone but the bot itself', () => {
    const roster = new Roster();
    roster.update([maya, bot], 1000);
    expect(roster.others).toBe(1);
  });

  test('does not count other note-taking bots as company', () => {
    const roster = new Roster();
    const otter = { key: 'p-4', name: 'Otter.ai', isHost: false, isSelf: false };
    const [joined] = roster.update([otter, bot], 1000);
    expect(joined).toMatchObject({ name: 'Otter.ai', isBot: true });
    expect(roster.others).toBe(0);
  });
});
