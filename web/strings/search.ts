import { frame } from './frame';

/** Words of the search across meetings. */
export const search = {
  title: frame.nav.search,
  text: 'Find what was said, in all of your meetings.',
  label: 'Words to look for',
  placeholder: 'Search everything that was said',
  hint: 'All words must occur. Quotes find a phrase, “or” an alternative, “-word” leaves out.',
  clear: 'Clear',
  filters: 'Filters',
  speaker: 'Speaker',
  speakerPlaceholder: 'Anybody',
  platform: 'Platform',
  allPlatforms: 'All platforms',
  from: 'From',
  to: 'To',
  toBeforeFrom: 'Choose a day that is not before “From”.',
  clearFilters: 'Clear filters',
  loading: 'Looking through your meetings…',
  results: 'Results',
  found: (count: number, isAll: boolean) =>
    count === 1 ? '1 match' : `${count}${isAll ? '' : '+'} matches`,
  older:
    'These are the best of the 1,000 newest matches. Choose an earlier “To” to find older ones.',
  keys: '↑↓ to choose, Enter to open, / to search',
  somebody: 'Somebody',
  open: (title: string, place: string) => `Open ${title} at ${place}`,
  startTitle: 'What was it again?',
  startText:
    'Type a few words that somebody said. Each result opens the meeting at that very moment.',
  noneTitle: 'Nobody said that',
  noneText: 'Try fewer words, another spelling, or clear the filters.',
};
