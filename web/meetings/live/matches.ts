import type { Entry } from './transcript';

export interface Match {
  /** Which entry. */
  index: number;
  /** Which occurrence in its text. */
  nth: number;
}

/** Where a text occurs in what was said, in the order of time. */
export function findMatches(entries: readonly Entry[], text: string): Match[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return entries.flatMap((entry, index) => {
    if (entry.kind !== 'segment') return [];
    const count = entry.segment.text.toLowerCase().split(wanted).length - 1;
    return Array.from({ length: count }, (_, nth) => ({ index, nth }));
  });
}

/** A text in pieces: those that match, and those between. */
export function splitByMatch(text: string, wanted: string): { text: string; isMatch: boolean }[] {
  const needle = wanted.trim().toLowerCase();
  if (needle === '') return [{ text, isMatch: false }];
  const parts: { text: string; isMatch: boolean }[] = [];
  const haystack = text.toLowerCase();
  let from = 0;
  for (;;) {
    const at = haystack.indexOf(needle, from);
    if (at === -1) break;
    if (at > from) parts.push({ text: text.slice(from, at), isMatch: false });
    parts.push({ text: text.slice(at, at + needle.length), isMatch: true });
    from = at + needle.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isMatch: false });
  return parts;
}
