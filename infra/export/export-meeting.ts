import { Readable } from 'node:stream';
import PQueue from 'p-queue';
import type { ExportChoices, ExportFormat } from '../../domain/export';
import type { ReadableMeeting } from '../../domain/transcript';
import { writeDocx } from './docx';
import { writePdf } from './pdf';
import { writeSrt, writeVtt } from './subtitles';
import { writeJson, writeMarkdown, writeText } from './text';

/** Each holds a whole meeting: one is made after the other. */
const documents = new PQueue({ concurrency: 1 });

/** The meeting in this format, made while it is read. */
export async function exportMeeting(
  meeting: ReadableMeeting,
  format: ExportFormat,
  choices: ExportChoices,
): Promise<Readable> {
  switch (format) {
    case 'txt':
      return Readable.from(writeText(meeting, choices));
    case 'md':
      return Readable.from(writeMarkdown(meeting, choices));
    case 'json':
      return Readable.from(writeJson(meeting, choices));
    case 'srt':
      return Readable.from(writeSrt(meeting, choices));
    case 'vtt':
      return Readable.from(writeVtt(meeting, choices));
    case 'docx':
      return Readable.from([await documents.add(() => writeDocx(meeting, choices))]);
    case 'pdf':
      return writePdf(meeting, choices);
  }
}
