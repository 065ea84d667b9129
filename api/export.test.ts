import { randomUUID } from 'node:crypto';
import { parse as parseSubtitles } from '@plussub/srt-vtt-parser';
import mammoth from 'mammoth';
import PDFParser from 'pdf2json';
import { EMPTY_ANALYSIS } from '../domain/analysis';
import { exportedJsonSchema, exportFormatSchema } from '../domain/export';
import { appendEvent } from '../infra/database/events';
import { findOrMakeUser } from '../infra/database/users';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertMeeting } from '../test/records';
import { insertSpoken, type Spoken } from '../test/spoken';

let api: TestApi;
let userId: number;
let token: string;
beforeAll(async () => {
  api = await startTestApi({ settings: { RATE_LIMIT_COSTLY: '1000' } });
  const sub = `user_${randomUUID()}`;
  userId = await findOrMakeUser(api.db, sub);
  token = await makeSessionToken({ sub });
});
afterAll(() => api.close());

async function hold(spoken: readonly Spoken[], title = 'Planning'): Promise<number> {
  const { meetingId } = await insertMeeting(api.db, { userId, title });
  await insertSpoken(api.db, meetingId, spoken);
  return meetingId;
}

async function addGap(meetingId: number, startMs: number, endMs: number | null): Promise<void> {
  await appendEvent(api.db, meetingId, {
    body: { type: 'gap', startMs, endMs, attempt: 1, reason: 'crashed' },
  });
}

async function addAnalysis(meetingId: number): Promise<void> {
  await api.db.prisma.analysisResult.create({
    data: {
      meetingId,
      run: 1,
      status: 'completed',
      transcriptVersion: 1,
      resultData: {
        ...EMPTY_ANALYSIS,
        decisions: [{ text: 'We ship on Friday.', segmentIds: [1] }],
        actionItems: [{ text: 'Write the note', who: 'Tom', due: null, segmentIds: [1] }],
      },
    },
  });
}

async function download(meetingId: number, query: Record<string, string>) {
  const response = await fetch(
    `${api.url}/api/meetings/${meetingId}/export?${new URLSearchParams(query).toString()}`,
    { headers: { authorization: `Bearer ${token}` } },
  );
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: bytes.toString() };
}

async function readDocx(bytes: Buffer): Promise<string> {
  return (await mammoth.extractRawText({ buffer: bytes })).value;
}

async function readPdf(bytes: Buffer): Promise<string> {
  const parser = new PDFParser(null, true);
  return new Promise((resolve, reject) => {
    parser.on('pdfParser_dataError', (error) => reject(new Error(String(error))));
    parser.on('pdfParser_dataReady', () => resolve(parser.getRawTextContent()));
    parser.parseBuffer(bytes);
  });
}

const CONVERSATION: Spoken[] = [
  { text: 'Do we ship\non *Friday* & <b>Monday</b>?', speaker: 'Maya <3', startMs: 1_500 },
  { text: '1. Yes --> we do.', speaker: 'Tom', startMs: 3_723_004 },
  { text: 'Somebody said this.', speaker: null, startMs: 3_730_000 },
];

describe('an export', () => {
  let meetingId: number;
  beforeAll(async () => {
    meetingId = await hold(CONVERSATION);
    await addGap(meetingId, 10_000, 70_000);
    await addGap(meetingId, 3_740_000, null);
    await addAnalysis(meetingId);
  });

  test('as text has a line for each thing said, and one for each gap', async () => {
    expect((await download(meetingId, { format: 'txt' })).text).toBe(
      [
        'Planning',
        '',
        '[00:00:01] Maya <3: Do we ship on *Friday* & <b>Monday</b>?',
        '[Not heard from 00:00:10 to 00:01:10]',
        '[01:02:03] Tom: 1. Yes --> we do.',
        '[01:02:10] Unknown speaker: Somebody said this.',
        '[Not heard from 01:02:20 on]',
        '',
      ].join('\n'),
    );
  });

  test('leaves out times and speakers on wish', async () => {
    const { text } = await download(meetingId, {
      format: 'txt',
      times: 'false',
      speakers: 'false',
    });
    expect(text).not.toMatch(/\d\d:\d\d|Maya|Tom|Unknown/);
    expect(text).toContain('\n[Not heard for a while]\n1. Yes --> we do.\nSomebody said this.\n');
    const json = await download(meetingId, { format: 'json', times: 'false', speakers: 'false' });
    expect(json.text).not.toMatch(/startMs|endMs|speaker/);
  });

  test.each(['docx', 'pdf'] as const)(
    'as %s leaves out times and speakers on wish as well',
    async (format) => {
      const wish = { format, times: 'false', speakers: 'false' };
      const { bytes } = await download(meetingId, wish);
      const text = format === 'pdf' ? await readPdf(bytes) : await readDocx(bytes);
      expect(text).toContain('Do we ship');
      expect(text).toContain('Not heard for a while');
      expect(text).not.toMatch(/\d\d:\d\d:\d\d|Maya|Unknown/);
    },
  );

  test('as Markdown has the analysis on top and takes no text for a mark', async () => {
    const { text } = await download(meetingId, { format: 'md', times: 'false', speakers: 'false' });
    expect(text).toContain('## Decisions\n\n- We ship on Friday.\n');
    expect(text).toContain('- Write the note (Tom)\n');
    expect(text).toContain('Do we ship on \\*Friday\\* \\& \\<b\\>Monday\\</b\\>?\n');
    expect(text).toContain('\n1\\. Yes --\\> we do.\n');
  });

  test('as JSON gives everything', async () => {
    const { text } = await download(meetingId, { format: 'json' });
    const { meeting, analysis, transcript } = exportedJsonSchema.parse(JSON.parse(text));
    expect(meeting).toMatchObject({ id: meetingId, title: 'Planning' });
    expect(analysis?.decisions).toHaveLength(1);
    expect(transcript.map(({ kind }) => kind)).toEqual([
      'segment',
      'gap',
      'segment',
      'segment',
      'gap',
    ]);
    expect(transcript[0]).toMatchObject({ speaker: 'Maya <3', startMs: 1_500, endMs: 5_500 });
  });

  test.each(['srt', 'vtt'])('as %s is read by a player’s parser', async (format) => {
    const { text } = await download(meetingId, { format, speakers: 'false' });
    const entries: { from: number; to: number; text: string }[] = parseSubtitles(text).entries;
    expect(entries.map((cue) => [cue.from, cue.to])).toEqual([
      [1_500, 5_500],
      [10_000, 70_000],
      [3_723_004, 3_727_004],
      [3_730_000, 3_734_000],
      [3_740_000, 3_745_000],
    ]);
    expect(entries[1]?.text).toBe('[not heard]');
    expect(entries[3]?.text).toBe('Somebody said this.');
  });

  test('as WebVTT names voices and escapes what would be marks', async () => {
    const { text } = await download(meetingId, { format: 'vtt' });
    expect(text).toContain(
      '00:00:01.500 --> 00:00:05.500\n<v Maya &lt;3>Do we ship on *Friday* &amp; &lt;b&gt;Monday&lt;/b&gt;?\n\n',
    );
    expect(text).toContain('<v Tom>1. Yes --&gt; we do.\n');
  });

  test('as SRT has no arrow but those of its times', async () => {
    const { text } = await download(meetingId, { format: 'srt' });
    expect(text).toContain('3\n01:02:03,004 --> 01:02:07,004\nTom: 1. Yes → we do.\n\n');
  });

  test('as DOCX is read by another program', async () => {
    const text = await readDocx((await download(meetingId, { format: 'docx' })).bytes);
    for (const part of [
      'Planning',
      'We ship on Friday.',
      'Maya <3',
      '01:02:03',
      '1. Yes --> we do.',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('Not heard from 00:00:10 to 00:01:10');
  });

  test('as PDF is read by another program', async () => {
    const { bytes } = await download(meetingId, { format: 'pdf' });
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    const text = await readPdf(bytes);
    for (const part of [
      'Planning',
      'We ship on Friday.',
      'Maya <3',
      '01:02:03',
      '1. Yes --> we do.',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('Not heard from 00:00:10 to 00:01:10');
    expect(text).not.toContain('□');
  });

  test('says in the audit log that it was taken', async () => {
    await download(meetingId, { format: 'txt' });
    expect(
      await api.db.prisma.auditEntry.count({ where: { action: 'transcript.exported', meetingId } }),
    ).toBeGreaterThan(0);
  });
});

describe('the letters of an export', () => {
  const languages = 'Größe Łódź Ελλάδα бюджет Հայերեն ქართული';

  test.each(['docx', 'pdf'] as const)('of many languages are in a %s', async (format) => {
    const meetingId = await hold([{ text: languages, speaker: 'Zoë' }], 'Přehled');
    const { bytes } = await download(meetingId, { format });
    const text = format === 'pdf' ? await readPdf(bytes) : await readDocx(bytes);
    for (const word of [...languages.split(' '), 'Zoë', 'Přehled']) expect(text).toContain(word);
  });

  test('that a PDF cannot show are boxes, and it says how many', async () => {
    const meetingId = await hold([{ text: 'budget 预算 ميزانية 💥' }]);
    const text = await readPdf((await download(meetingId, { format: 'pdf' })).bytes);
    expect(text).toContain('10 letters of scripts');
    expect(text).toContain('budget □□ □□□□□□□ □');
  });

  test('that XML forbids break no DOCX', async () => {
    const meetingId = await hold([{ text: 'a\u0001b\u000bc\uffff' }]);
    const text = await readDocx((await download(meetingId, { format: 'docx' })).bytes);
    expect(text).toContain('a\ufffdb\ufffdc\ufffd');
  });
});

describe('the name of an export', () => {
  test.each([
    ['Planning', `attachment; filename=Planning.txt`],
    ['Größe “A”', `filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%80%9CA%E2%80%9D.txt`],
    ['../../etc/passwd', `attachment; filename=_.._etc_passwd.txt`],
    ['a";\\b', `attachment; filename="a_;_b.txt"`],
    ['exe.\u202etxt', 'attachment; filename=exe._txt.txt'],
  ])('for %j is %s', async (title, expected) => {
    const meetingId = await hold([], title);
    const { headers } = await download(meetingId, { format: 'txt' });
    expect(headers.get('content-disposition')).toContain(expected);
  });
});

describe('exports', () => {
  test.each(exportFormatSchema.options)(
    'of an empty meeting are whole files: %s',
    async (format) => {
      const meetingId = await hold([]);
      const { status, bytes } = await download(meetingId, { format });
      expect(status).toBe(200);
      if (format === 'json') expect(JSON.parse(bytes.toString()).transcript).toEqual([]);
      if (format === 'docx') expect(await readDocx(bytes)).toContain('Planning');
      if (format === 'pdf') expect(await readPdf(bytes)).toContain('Planning');
    },
  );

  test('have every segment of a long meeting, in order and once', async () => {
    const count = 20_000;
    const spoken = Array.from({ length: count }, (_, n) => ({ text: `w${n}`, startMs: n >> 1 }));
    const meetingId = await hold(spoken);
    const wanted = spoken.map(({ text }) => text).join(' ');
    const read = (text: string) => text.match(/w\d+/g)?.join(' ');
    const plain = { times: 'false', speakers: 'false' };
    for (const format of ['txt', 'md', 'srt', 'vtt', 'json']) {
      expect(read((await download(meetingId, { format, ...plain })).text)).toBe(wanted);
    }
    const { bytes } = await download(meetingId, { format: 'docx', ...plain });
    expect(read(await readDocx(bytes))).toBe(wanted);
  });

  test('as Word documents are refused while many are being made, and made again later', async () => {
    const spoken = Array.from({ length: 300 }, (_, n) => ({ text: `w${n}`, startMs: n }));
    const meetingId = await hold(spoken);
    const ask = () => download(meetingId, { format: 'docx' });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('retry-after')).toBe('10');
    expect(refused[0]?.headers.get('content-disposition')).toBeNull();
    const made = answers.filter(({ status }) => status === 200);
    expect(made.length + refused.length).toBe(12);
    expect(await readDocx(made.at(-1)?.bytes ?? Buffer.of())).toContain('w299');
    expect((await ask()).status).toBe(200);
  });

  test('are broken off when nobody waits for them any more', async () => {
    const spoken = Array.from({ length: 300 }, (_, n) => ({ text: `w${n}`, startMs: n }));
    const meetingId = await hold(spoken);
    const url = `${api.url}/api/meetings/${meetingId}/export?format=docx`;
    const leave = async () => {
      const signal = AbortSignal.timeout(50);
      await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal }).catch(() => null);
    };
    await Promise.all(Array.from({ length: 9 }, leave));
    let file = await download(meetingId, { format: 'docx' });
    // until the server has noticed that they left
    while (file.status === 503) file = await download(meetingId, { format: 'docx' });
    expect([file.status, (await readDocx(file.bytes)).includes('w299')]).toEqual([200, true]);
  });

  test.each<Record<string, string>>([
    {},
    { format: 'exe' },
    { format: 'txt', times: '1' },
    { format: 'txt', colour: 'red' },
  ])('are refused with wrong fields: %j', async (query) => {
    expect((await download(await hold([]), query)).status).toBe(422);
  });

  test('are for the meeting’s owner only', async () => {
    const { meetingId } = await insertMeeting(api.db);
    expect((await download(meetingId, { format: 'txt' })).status).toBe(404);
  });
});
