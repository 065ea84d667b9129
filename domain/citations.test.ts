import { EMPTY_ANALYSIS } from './analysis';
import { checkCitations } from './citations';

const KNOWN = new Set([1, 2, 3]);
const cite = (...segmentIds: number[]) => ({ text: 'a claim', segmentIds });

describe('checkCitations', () => {
  test('keeps claims that cite only segments that exist', () => {
    const content = { ...EMPTY_ANALYSIS, summary: [cite(1)], topics: [cite(2, 3)] };
    expect(checkCitations(content, KNOWN)).toEqual({ content, dropped: 0, unknownIds: [] });
  });

  test('drops a claim that cites nothing', () => {
    const checked = checkCitations({ ...EMPTY_ANALYSIS, decisions: [cite(), cite(1)] }, KNOWN);
    expect(checked.content.decisions).toEqual([cite(1)]);
    expect(checked.dropped).toBe(1);
  });

  test('drops a claim as soon as one of its citations does not exist, and names it once', () => {
    const openQuestions = [cite(1, 9), cite(9), cite(2)];
    const checked = checkCitations({ ...EMPTY_ANALYSIS, openQuestions }, KNOWN);
    expect(checked.content.openQuestions).toEqual([cite(2)]);
    expect(checked).toMatchObject({ dropped: 2, unknownIds: [9] });
  });
});
