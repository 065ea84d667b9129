import { Readable } from 'node:stream';
import type { ExportChoices, ExportFormat } from '../../domain/export';
import type { ReadableMeeting } from '../../domain/transcript';
import { makeDocx } from './docx-thread';
import { writePdf } from './pdf';
import { writeSrt, writeVtt } from './subtitles';
import { writeJson, writeMarkdown, writeText } from './text';

export interface ExportWish {
  format: ExportFormat;
  choices: ExportChoices;
  /** Fires when nobody waits for the file any more. */
  signal: AbortSignal;
}

/** The meeting in this format, made while it is read. */
export async function exportMeeting(
  meeting: ReadableMeeting,
  { format, choices, signal }: ExportWish,
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
      return Readable.from([await makeDocx(meeting, choices, signal)]);
    case 'pdf':
      return writePdf(meeting, choices);
  }
}
