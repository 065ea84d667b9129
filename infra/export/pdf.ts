import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import type { ExportChoices } from '../../domain/export';
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
import { BOLD_FONT, countMissing, FONT, replaceMissing } from './pdf-fonts';

const MARGIN = 56;
const SIZE = 10;
const INK = '#17191f';
const SOFT = '#5c6270';
/** Bytes made that nobody has taken yet before the next page of the transcript is read. */
const MOST_WAITING_BYTES = 256 * 1024;

/**
 * A PDF that is made while it is read. Letters that the font lacks, and those of scripts written
 * from right to left, are shown as boxes, and the first page says how many there are.
 */
export async function writePdf(
  meeting: ReadableMeeting,
  choices: ExportChoices,
): Promise<Readable> {
  const missing = await countMissingLetters(meeting, choices);
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    info: { Title: nameMeeting(meeting), Creator: 'Meetings' },
  });
  doc.registerFont('text', FONT).registerFont('bold', BOLD_FONT);
  const writing = write(doc, { meeting, choices, missing });
  writing.catch((error: unknown) => {
    doc.destroy(error instanceof Error ? error : new Error('The transcript could not be read'));
  });
  return doc;
}

type Doc = InstanceType<typeof PDFDocument>;

interface Work {
  meeting: ReadableMeeting;
  choices: ExportChoices;
  missing: number;
}

async function write(doc: Doc, { meeting, choices, missing }: Work): Promise<void> {
  say(doc.font('bold').fontSize(20).fillColor(INK), nameMeeting(meeting));
  doc.font('text').fontSize(SIZE).fillColor(SOFT);
  if (meeting.startedAt) doc.text(formatDay(meeting.startedAt));
  if (missing > 0) {
    doc
      .moveDown()
      .text(
        `${missing} letters of scripts that this PDF cannot show stand as boxes (□). The other formats have all of them.`,
      );
  }
  writeAnalysis(doc, meeting);
  writeHeading(doc, 'Transcript');
  let before: TranscriptEntry | null = null;
  for await (const page of meeting.readPages()) {
    for (const [index, entry] of page.entries()) {
      writeEntry(doc, { entry, before, choices });
      before = entry;
      // Laying out takes its time: others get theirs in between.
      if (index % 20 === 0) await nextTurn();
    }
    await waitForReader(doc);
    if (doc.destroyed) return;
  }
  doc.end();
}

async function waitForReader(doc: Doc): Promise<void> {
  while (doc.readableLength > MOST_WAITING_BYTES && !doc.destroyed) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        doc.off('data', done).off('close', done);
        resolve();
      };
      doc.on('data', done).on('close', done);
    });
  }
}

function writeAnalysis(doc: Doc, { analysis }: ReadableMeeting): void {
  for (const { title, lines } of analysis ? listAnalysisSections(analysis.content) : []) {
    writeHeading(doc, title);
    for (const { text } of lines) say(doc, `•  ${text}`);
  }
}

function writeHeading(doc: Doc, title: string): void {
  doc.moveDown().font('bold').fontSize(14).fillColor(INK).text(title).moveDown(0.4);
  doc.font('text').fontSize(SIZE);
}

function writeEntry(
  doc: Doc,
  {
    entry,
    before,
    choices,
  }: { entry: TranscriptEntry; before: TranscriptEntry | null; choices: ExportChoices },
): void {
  const isTurn = startsTurn(entry, before);
  if (isTurn) doc.moveDown(0.5);
  if (entry.kind === 'gap') {
    doc.fillColor(SOFT).text(describeGap(entry, choices)).fillColor(INK);
    return;
  }
  if (choices.speakers && isTurn) say(doc.font('bold'), nameSpeaker(entry.speaker));
  doc.font('text');
  if (choices.times) {
    doc
      .fillColor(SOFT)
      .text(`${formatTime(entry.startMs)}  `, { continued: true })
      .fillColor(INK);
  }
  say(doc, entry.text);
}

function say(doc: Doc, text: string): void {
  doc.text(replaceMissing(text));
}

/** Read once before, since the note about it stands on top. */
async function countMissingLetters(
  meeting: ReadableMeeting,
  { speakers }: ExportChoices,
): Promise<number> {
  const sections = meeting.analysis ? listAnalysisSections(meeting.analysis.content) : [];
  let missing = countMissing(nameMeeting(meeting));
  for (const { text } of sections.flatMap(({ lines }) => lines)) missing += countMissing(text);
  let before: TranscriptEntry | null = null;
  for await (const page of meeting.readPages()) {
    for (const entry of page) {
      if (entry.kind === 'gap') continue;
      missing += countMissing(entry.text);
      if (speakers && startsTurn(entry, before)) missing += countMissing(entry.speaker ?? '');
      before = entry;
    }
  }
  return missing;
}
