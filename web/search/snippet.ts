import type { SearchResult } from '../../domain/search';

type Part = SearchResult['parts'][number];

/** Room before the first match and for all of it. */
const LONGEST_BEFORE = 90;
const LONGEST = 340;

/** The stretch of what was said that holds its matches; `…` stands for what is left out. */
export function makeSnippet(parts: readonly Part[]): Part[] {
  const snippet: Part[] = [];
  let length = 0;
  for (const [index, part] of parts.entries()) {
    const isBefore = !part.isMatch && index === 0 && parts.length > 1;
    const text = isBefore ? cutStart(part.text) : part.text;
    const room = LONGEST - length;
    if (room <= 0) break;
    snippet.push({ ...part, text: part.isMatch ? text : cutEnd(text, room) });
    length += text.length;
  }
  return snippet;
}

function cutStart(text: string): string {
  if (text.length <= LONGEST_BEFORE) return text;
  return `… ${text.slice(-LONGEST_BEFORE).replace(/^\S*\s/, '')}`;
}

function cutEnd(text: string, room: number): string {
  if (text.length <= room) return text;
  return `${text.slice(0, room).replace(/\s\S*$/, '')} …`;
}
