import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../../test/chromium-path';
import { collectEvidence } from './collect-evidence';
import { PageDiary } from './page-diary';

const PAGE = `
  <title>Maya's meeting</title>
  <script>console.log('opened https://meet.example.org/abc?pwd=secret#token for you')</script>
  <main data-state="refused" class="lobby">
    <h1>You can't join this call</h1>
    <button aria-label="Return to home screen">Return</button>
    <div role="dialog"><p>Ask the host to admit you</p></div>
    <a href="https://meet.example.org/abc?pwd=secret">a link</a>
    <p>Maya was here</p>
    <input id="name" value="typed in">
    <div class="chat-panel" role="log"><h2>Between us</h2><button>the budget is cut</button></div>
    <div role="dialog"><div class="captions">so I said to him</div></div>
    <style>.lobby { color: red }</style>
    <div hidden id="gone"></div>
  </main>`;

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
});
afterAll(() => browser.close());

async function collect(): Promise<Map<string, string>> {
  const page = await browser.newPage();
  const diary = new PageDiary();
  diary.follow(page);
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: PAGE }));
  await page.goto('https://meet.example.org/abc?pwd=secret#more');
  const ending = { reason: 'join_denied', grounds: { confidence: 'likely', signs: ['refused'] } };
  const visit = { page, diary };
  const pieces = await collectEvidence({ visit, ending, state: 'joining' } as Parameters<
    typeof collectEvidence
  >[0]);
  return new Map(pieces.map(({ name, content }) => [name, content.toString()]));
}

describe('evidence of a page', () => {
  test('has its structure, and the texts of headings, buttons and dialogs', async () => {
    const html = (await collect()).get('page.html');
    expect(html).toContain('<main data-state="refused" class="lobby">');
    expect(html).toContain("You can't join this call");
    expect(html).toContain('<button aria-label="Return to home screen">');
    expect(html).toContain('Ask the host to admit you');
    expect(html).toContain('<div hidden="" id="gone" data-not-shown>');
  });

  test('has nothing of what people wrote, said or typed, and no links', async () => {
    const html = (await collect()).get('page.html');
    for (const text of ['budget', 'Between us', 'so I said', 'typed in', 'Maya was here', 'secret'])
      expect(html).not.toContain(text);
    expect(html).not.toMatch(/script|style|href/);
  });

  test('tells the console and the way to the page without what follows a question mark', async () => {
    const evidence = await collect();
    expect(evidence.get('console.txt')).toMatch(
      /log: opened https:\/\/meet\.example\.org\/abc for/,
    );
    expect(JSON.parse(evidence.get('seen.json') ?? '')).toMatchObject({
      reason: 'join_denied',
      confidence: 'likely',
      signs: ['refused'],
      navigations: ['https://meet.example.org/abc'],
      userAgent: expect.stringContaining('Chrome') as unknown,
    });
  });
});

test('evidence where the bot came to no page is why', async () => {
  const ending = { reason: 'meeting_not_found' as const, detail: 'The link leads elsewhere' };
  const pieces = await collectEvidence({ visit: null, ending, state: 'joining' });
  expect(pieces.map(({ name }) => name)).toEqual(['seen.json']);
  expect(JSON.parse(String(pieces[0]?.content))).toMatchObject({ ...ending, navigations: [] });
});
