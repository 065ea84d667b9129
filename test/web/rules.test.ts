import { makeSnippet } from '../../web/search/snippet';
import { describeRule, listMonthlyWays, toChoice, toRrule } from '../../web/schedules/rules';

const rule = (rrule: string) => ({ rrule, cron: null });

describe('a rule of plain choices', () => {
  // 2026-11-27 is the fourth Friday of its month and the last one
  test.each([
    ['FREQ=DAILY', 'Every day at 09:00'],
    ['FREQ=DAILY;INTERVAL=2', 'Every 2 days at 09:00'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'Every weekday at 09:00'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE', 'Every 2 weeks on Monday and Wednesday at 09:00'],
    ['FREQ=MONTHLY;BYMONTHDAY=27', 'Every month on day 27 at 09:00'],
    ['FREQ=MONTHLY;BYDAY=4FR', 'Every month on the fourth Friday at 09:00'],
    ['FREQ=MONTHLY;BYDAY=-1FR', 'Every month on the last Friday at 09:00'],
  ])('%s is read back from its choice, and in words: %s', (rrule, words) => {
    const choice = toChoice(rule(rrule), '2026-11-27');
    expect(choice.repeat).not.toBe('rrule');
    expect(toRrule(choice, '2026-11-27')).toBe(rrule);
    expect(describeRule(rule(rrule), { startsOn: '2026-11-27', time: '09:00' })).toBe(words);
  });

  test.each([
    'FREQ=MONTHLY;BYDAY=2TU',
    'FREQ=YEARLY',
    'FREQ=WEEKLY;BYDAY=MO;COUNT=3',
    'FREQ=DAILY;BYHOUR=9,15',
  ])('%s, which no choice says, stays as it is', (rrule) => {
    const choice = toChoice(rule(rrule), '2026-11-27');
    expect([choice.repeat, toRrule(choice, '2026-11-27')]).toEqual(['rrule', rrule]);
  });

  test('goes by a fifth weekday only as the last one', () => {
    expect(listMonthlyWays('2026-10-30')).toEqual(['date', 'last']);
    expect(listMonthlyWays('2026-11-27')).toEqual(['date', 'day', 'last']);
    expect(listMonthlyWays('2026-11-06')).toEqual(['date', 'day']);
  });
});

describe('a snippet', () => {
  const text = (length: number): string => 'word '.repeat(length);

  test('holds the first match, whatever came before it', () => {
    const snippet = makeSnippet([
      { text: text(200), isMatch: false },
      { text: 'budget', isMatch: true },
      { text: text(200), isMatch: false },
    ]);
    const all = snippet.map((part) => part.text).join('');
    expect(all).toMatch(/^… word .*budget.* …$/);
    expect(all.length).toBeLessThan(400);
  });

  test('of something short is all of it', () => {
    const parts = [
      { text: 'The ', isMatch: false },
      { text: 'budget', isMatch: true },
      { text: ' again.', isMatch: false },
    ];
    expect(makeSnippet(parts)).toEqual(parts);
  });
});
