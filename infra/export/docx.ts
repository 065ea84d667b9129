import { Document, HeadingLevel, Packer, Paragraph, TextRun } from 'docx';
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

const SOFT = '666666';

/** Word's format is a zip of one XML document, so the whole of it is made in memory. */
export async function writeDocx(
  meeting: ReadableMeeting,
  choices: ExportChoices,
): Promise<Uint8Array> {
  const title = clean(nameMeeting(meeting));
  const children = [
    new Paragraph({ text: title, heading: HeadingLevel.TITLE }),
    ...(meeting.startedAt ? [new Paragraph({ text: formatDay(meeting.startedAt) })] : []),
    ...makeAnalysis(meeting),
    makeHeading('Transcript'),
  ];
  let before: TranscriptEntry | null = null;
  for await (const page of meeting.readPages()) {
    for (const entry of page) {
      children.push(makeEntry(entry, before, choices));
      before = entry;
    }
  }
  return Packer.toBuffer(new Document({ title, sections: [{ children }] }));
}

function makeAnalysis({ analysis }: ReadableMeeting): Paragraph[] {
  const sections = analysis ? listAnalysisSections(analysis.content) : [];
  return sections.flatMap(({ title, lines }) => [
    makeHeading(title),
    ...lines.map(({ text }) => new Paragraph({ text: clean(text), bullet: { level: 0 } })),
  ]);
}

function makeHeading(text: string): Paragraph {
  return new Paragraph({ text, heading: HeadingLevel.HEADING_1 });
}

function makeEntry(
  entry: TranscriptEntry,
  before: TranscriptEntry | null,
  choices: ExportChoices,
): Paragraph {
  if (entry.kind === 'gap') {
    const text = describeGap(entry, choices);
    return new Paragraph({ children: [new TextRun({ text, italics: true, color: SOFT })] });
  }
  const runs: TextRun[] = [];
  if (choices.times) {
    runs.push(new TextRun({ text: `${formatTime(entry.startMs)}  `, color: SOFT }));
  }
  if (choices.speakers && startsTurn(entry, before)) {
    runs.push(new TextRun({ text: `${clean(nameSpeaker(entry.speaker))}  `, bold: true }));
  }
  return new Paragraph({ children: [...runs, new TextRun(clean(entry.text))] });
}

/** XML has no place for most control characters. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
