import { once } from 'node:events';
import type { ExportFormat } from '../../domain/export';
import type { ReadableMeeting, TranscriptEntry } from '../../domain/transcript';
import { exportMeeting } from './export-meeting';

const PAGES = 1_000;

/** A meeting of many pages, and how many of them were read. */
function makeLongMeeting() {
  const entry: TranscriptEntry = {
    ...{ kind: 'segment', id: 1, startMs: 0, endMs: 900, text: 'We ship on Friday.' },
    ...{ speaker: 'Maya', language: 'en' },
  };
  const read = { pages: 0 };
  const meeting: ReadableMeeting = {
    ...{ id: 42, title: 'Planning', startedAt: null, endedAt: null, analysis: null },
    async *readPages() {
      for (; read.pages < PAGES; read.pages += 1) yield Promise.resolve([entry]);
    },
  };
  return { meeting, read };
}

describe('a transcript', () => {
  test.each(['txt', 'md', 'json', 'srt', 'vtt'] satisfies ExportFormat[])(
    'as %s is read no faster than its file is taken',
    async (format) => {
      const { meeting, read } = makeLongMeeting();
      const { signal } = new AbortController();
      const choices = { times: true, speakers: true };
      const file = await exportMeeting(meeting, { format, choices, signal });
      await once(file, 'readable');
      expect(file.read()).not.toBeNull();
      // what nobody has taken yet is a few pieces and no more
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      expect(read.pages).toBeLessThan(PAGES / 10);
      let text = '';
      for await (const piece of file) text += String(piece);
      expect(text.match(/We ship on Friday/g)?.length).toBeGreaterThan(PAGES - 2);
      expect(read.pages).toBe(PAGES);
    },
  );
});
