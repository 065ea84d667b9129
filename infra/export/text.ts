import type { ExportChoices } from '../../domain/export';
import {
  describeGap,
  formatDay,
  formatTime,
  listAnalysisSections,
  nameMeeting,
  nameSpeaker,
  type ReadableMeeting,
  type TranscriptEntry,
} from '../../domain/transcript';

/** One line an entry. */
export async function* writeText(
  meeting: ReadableMeeting,
  choices: ExportChoices,
): AsyncGenerator<string> {
  yield `${nameMeeting(meeting)}\n`;
  if (meeting.startedAt) yield `${formatDay(meeting.startedAt)}\n`;
  yield '\n';
  for await (const page of meeting.readPages()) {
    yield page.map((entry) => `${toLine(entry, choices)}\n`).join('');
  }
}

function toLine(entry: TranscriptEntry, choices: ExportChoices): string {
  if (entry.kind === 'gap') return `[${describeGap(entry, choices)}]`;
  const time = choices.times ? `[${formatTime(entry.startMs)}] ` : '';
  const speaker = choices.speakers ? `${oneLine(nameSpeaker(entry.speaker))}: ` : '';
  return time + speaker + oneLine(entry.text);
}

/** Line breaks within an entry would read as the next one. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Markdown: the analysis, then a paragraph an entry. */
export async function* writeMarkdown(
  meeting: ReadableMeeting,
  choices: ExportChoices,
): AsyncGenerator<string> {
  yield `# ${escapeMarkdown(nameMeeting(meeting))}\n\n`;
  if (meeting.startedAt) yield `${formatDay(meeting.startedAt)}\n\n`;
  const sections = meeting.analysis ? listAnalysisSections(meeting.analysis.content) : [];
  for (const { title, lines } of sections) {
    yield `## ${title}\n\n${lines.map(({ text }) => `- ${escapeMarkdown(text)}\n`).join('')}\n`;
  }
  yield '## Transcript\n\n';
  for await (const page of meeting.readPages()) {
    yield page.map((entry) => `${toParagraph(entry, choices)}\n\n`).join('');
  }
}

function toParagraph(entry: TranscriptEntry, choices: ExportChoices): string {
  if (entry.kind === 'gap') return `*${describeGap(entry, choices)}*`;
  const speaker = choices.speakers ? `**${escapeMarkdown(nameSpeaker(entry.speaker))}** ` : '';
  const time = choices.times ? `${formatTime(entry.startMs)} ` : '';
  return time + speaker + escapeMarkdown(entry.text);
}

/** Keeps text from being taken for marks, wherever in a line it stands. */
function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]<>#|~&]/g, '\\$&')
    .replace(/^(\d*)([-+=.)])/, '$1\\$2');
}

/** JSON with the analysis's claims as they are; entries stand in the order of time. */
export async function* writeJson(
  meeting: ReadableMeeting,
  choices: ExportChoices,
): AsyncGenerator<string> {
  const { id, title, startedAt, endedAt, analysis } = meeting;
  const head = { meeting: { id, title, startedAt, endedAt }, analysis: analysis?.content ?? null };
  yield `${JSON.stringify(head).slice(0, -1)},"transcript":[`;
  let separator = '\n';
  for await (const page of meeting.readPages()) {
    yield separator + page.map((entry) => JSON.stringify(toItem(entry, choices))).join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}

function toItem(entry: TranscriptEntry, { times, speakers }: ExportChoices): object {
  const { startMs, endMs, ...rest } = entry;
  const item = { ...rest, ...(times ? { startMs, endMs } : {}) };
  if (speakers || !('speaker' in item)) return item;
  const { speaker: _, ...unnamed } = item;
  return unnamed;
}
