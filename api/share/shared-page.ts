import { createHash } from 'node:crypto';
import {
  describeGap,
  formatDay,
  formatTime,
  listAnalysisSections,
  nameMeeting,
  nameSpeaker,
  startsTurn,
  type ReadableMeeting,
  type TranscriptEntry,
} from '../../domain/transcript';
import { STYLE } from './style';

/** Nothing but this page's own style: no script, no other file, no frame around it. */
export const PAGE_HEADERS = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'private, no-store',
};

/** A shared meeting, in pieces as they are read; `starts` has the moments that are cited. */
export async function* renderMeeting(
  meeting: ReadableMeeting,
  starts: ReadonlyMap<number, number>,
): AsyncGenerator<string> {
  const title = escapeHtml(nameMeeting(meeting));
  // without a script nobody's own zone is known
  const day = meeting.startedAt
    ? `<p class="soft">${formatDay(meeting.startedAt)} (Coordinated Universal Time)</p>`
    : '';
  yield `${renderHead(title)}<header><h1 dir="auto">${title}</h1>${day}</header>\n`;
  const sections = meeting.analysis ? listAnalysisSections(meeting.analysis.content) : [];
  if (sections.length > 0) yield `<section class="card" aria-label="Analysis">\n`;
  for (const section of sections) {
    const lines = section.lines.map(
      ({ text, segmentIds }) =>
        `<li dir="auto">${escapeHtml(text)}${renderCitations(segmentIds, starts)}</li>`,
    );
    yield `<h2>${section.title}</h2>\n<ul>\n${lines.join('\n')}\n</ul>\n`;
  }
  if (sections.length > 0) yield '</section>\n';
  yield '<section aria-label="Transcript">\n<h2>Transcript</h2>\n';
  let before: TranscriptEntry | null = null;
  for await (const page of meeting.readPages()) {
    let html = '';
    for (const entry of page) {
      html += renderEntry(entry, before);
      before = entry;
    }
    yield html;
  }
  if (before === null) yield '<p class="soft">Nothing was said.</p>\n';
  yield '</section>\n<footer class="soft">Shared by link, for reading only.</footer>\n</main>\n</body>\n</html>\n';
}

function renderCitations(ids: readonly number[], starts: ReadonlyMap<number, number>): string {
  return ids
    .flatMap((id) => {
      const startMs = starts.get(id);
      if (startMs === undefined) return [];
      const time = formatTime(startMs);
      return [` <a class="at" href="#s${id}" aria-label="Go to the words at ${time}">${time}</a>`];
    })
    .join('');
}

function renderEntry(entry: TranscriptEntry, before: TranscriptEntry | null): string {
  if (entry.kind === 'gap') return `<p class="gap">${describeGap(entry, { times: true })}</p>\n`;
  const name = startsTurn(entry, before)
    ? `<h3 dir="auto">${escapeHtml(nameSpeaker(entry.speaker))}</h3>\n`
    : '';
  const time = `<time>${formatTime(entry.startMs)}</time>`;
  const lang = entry.language === null ? '' : ` lang="${escapeHtml(entry.language)}"`;
  return `${name}<p class="said" id="s${entry.id}">${time}<span dir="auto"${lang}>${escapeHtml(entry.text)}</span></p>\n`;
}

/** A page that says one thing, as that a link leads nowhere. */
export function renderNotice(title: string, text: string, signInUrl?: string): string {
  const way =
    signInUrl === undefined ? '' : `<p><a href="${escapeHtml(signInUrl)}">Sign in</a></p>`;
  return `${renderHead(title)}<header><h1>${title}</h1><p class="soft">${text}</p>${way}</header>\n</main>\n</body>\n</html>\n`;
}

/** The sign of the house, as the page of its users has it. */
const MARK = `<svg aria-hidden="true" viewBox="0 0 32 32"><rect width="32" height="32" rx="8"/><g><rect x="7" y="13" width="3" height="6" rx="1.5"/><rect x="12" y="9" width="3" height="14" rx="1.5"/><rect x="17" y="6.5" width="3" height="19" rx="1.5"/><rect x="22" y="11" width="3" height="10" rx="1.5"/></g></svg>`;

function renderHead(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="brand">${MARK}Meetings</p>
`;
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that can stand in an element and in a quoted attribute. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
}
