import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { say } from '../../temporal-dev/terminal';
import { WebBrowser } from '../web/browser';
import { measureFirstLoad } from '../web/first-load';
import {
  DEFAULT_SLOWDOWN,
  findSlowdown,
  runLighthouse,
  type LighthouseOptions,
  type LighthouseResult,
} from '../web/lighthouse';
import { lengthenMeeting } from '../web/long-meeting';
import { lookAt } from '../web/showcase/look';
import { PAGES } from '../web/showcase/pages';
import { startShowcase, type ShowcaseStack } from '../web/showcase/stack';
import { describeMachine, formatTable, writeSection } from './docs-section';
import { percentile } from './percentiles';
import { openBaseline, scroll, type Frames } from './web-frames';

const SEGMENTS = 20_000;
const OPENINGS = 7;
const LIGHTHOUSE_RUNS = 5;

/** `npm run bench -- web`: opening and scrolling a long meeting, Lighthouse, and what pages load. */
export async function benchWeb(): Promise<void> {
  const stack = await startShowcase({ name: 'bench-web', now: new Date(), log: say });
  try {
    const lighthouse = await judge(stack);
    const loads = await measureLoads(stack);
    const long = await measureLong(stack);
    const report = [
      '## The web page',
      '',
      `\`npm run bench -- web\` on ${describeMachine()}, the production build in headless Chromium without a GPU, everything else on the same machine.`,
      '',
      ...long,
      '',
      ...lighthouse,
      '',
      ...loads,
    ].join('\n');
    console.log(report);
    writeSection('web', report);
  } finally {
    await stack.stop();
  }
}

async function measureLong(stack: ShowcaseStack): Promise<string[]> {
  const { meetingId } = stack.showcase;
  await lengthenMeeting(stack.databaseUrl, { meetingId, count: SEGMENTS });
  const browser = await WebBrowser.start(stack);
  try {
    const openings: Opening[] = [];
    for (let nth = 0; nth < OPENINGS; nth += 1) {
      say(`Opening the long meeting, ${nth + 1} of ${OPENINGS}`);
      openings.push(await openLong(browser, stack));
    }
    const { page } = await browser.open({ width: 1440, email: stack.email });
    say('Scrolling a page without work');
    const baseline = await scroll(page, await openBaseline(page));
    await page.goto(`/meetings/${meetingId}`);
    await untilTrue(page, IS_ALL_THERE);
    say('Scrolling the long meeting');
    const frames = await scroll(page, '[role=log]');
    return describeLong(openings, { baseline, frames });
  } finally {
    await browser.stop();
  }
}

interface Opening {
  wordsMs: number;
  allMs: number;
}

/** The drawn height tells that all segments came. */
const IS_ALL_THERE = `document.querySelector('[role=log]')?.scrollHeight > ${SEGMENTS * 24}`;

/** Both from the start of the navigation, by the page's own clock; caches are empty. */
async function openLong(browser: WebBrowser, stack: ShowcaseStack): Promise<Opening> {
  const { page, context } = await browser.open({ width: 1440, email: stack.email });
  await page.addInitScript(`{
    const watch = () => {
      if (!('words' in window) && document.querySelector('[role=log] p')) window.words = performance.now();
      if (${IS_ALL_THERE}) window.all = performance.now();
      else requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
  }`);
  await page.goto(`/meetings/${stack.showcase.meetingId}`);
  await untilTrue(page, `'all' in window`);
  const opening = (await page.evaluate(
    '({ wordsMs: window.words, allMs: window.all })',
  )) as Opening;
  await context.close();
  return opening;
}

/** Looks by the debugger, which a Content-Security-Policy does not bind. */
async function untilTrue(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate(expression))) await delay(50);
}

const ms = (value: number): string => `${Math.round(value)} ms`;
const tenths = (value: number): string => value.toFixed(1);

function describeLong(
  openings: readonly Opening[],
  { baseline, frames }: { baseline: Frames; frames: Frames },
): string[] {
  const words = openings.map(({ wordsMs }) => wordsMs);
  const all = openings.map(({ allMs }) => allMs);
  const row = (name: string, each: Frames) => [
    name,
    tenths(each.perSecond),
    `${tenths(each.p50Ms)} ms`,
    `${tenths(each.p95Ms)} ms`,
    `${tenths(each.p99Ms)} ms`,
    `${tenths(each.latePercent)} %`,
    `${tenths(each.workMs)} ms`,
  ];
  return [
    `A meeting of ${SEGMENTS} segments, opened ${OPENINGS} times with empty caches, from the start of the navigation: first words after ${ms(percentile(words, 0.5))} (slowest ${ms(Math.max(...words))}), all of them there after ${ms(percentile(all, 0.5))} (slowest ${ms(Math.max(...all))}).`,
    '',
    'Scrolling it for 600 frames, 40 pixels a frame, beside a page of that length which does nothing (the most this machine can do). A frame is late over 25 ms; work is script, style and layout of the main thread.',
    '',
    ...formatTable(
      ['', 'frames a second', 'p50', 'p95', 'p99', 'late', 'work a frame'],
      [row('a page without work', baseline), row(`${SEGMENTS} segments`, frames)],
    ),
  ];
}

const HEAD = [
  ...['page', 'device', 'cache', 'performance', 'accessibility'],
  ...['first paint', 'largest paint', 'blocked', 'shift'],
];

async function judge(stack: ShowcaseStack): Promise<string[]> {
  const rows: (string | number)[][] = [];
  const indexes: number[] = [];
  const look = async (name: string, options: Omit<LighthouseOptions, 'runs'>): Promise<void> => {
    const { device, slowdown } = options;
    const seen = slowdown === undefined ? device : `${device}, ${slowdown}x`;
    say(`Lighthouse: ${name}, ${seen}`);
    const { first, best } = await runLighthouse(stack, { ...options, runs: LIGHTHOUSE_RUNS });
    rows.push([name, seen, 'empty', ...describeRun(first)]);
    rows.push([name, seen, 'filled', ...describeRun(best)]);
    indexes.push(first.benchmarkIndex, best.benchmarkIndex);
  };
  const pages = [
    ['/meetings', '/meetings'],
    ['a meeting', `/meetings/${stack.showcase.meetingId}`],
  ] as const;
  for (const [name, path] of pages) {
    for (const device of ['mobile', 'desktop'] as const) await look(name, { path, device });
  }
  await look('nothing', { path: '/nowhere', device: 'mobile' });
  const index = percentile(indexes, 0.5);
  const { kind, slowdown } = findSlowdown(index);
  const isDefault = slowdown === DEFAULT_SLOWDOWN;
  if (!isDefault) {
    for (const [name, path] of pages) await look(name, { path, device: 'mobile', slowdown });
  }
  return [
    `Lighthouse: the first visit with an empty cache, and the best of ${LIGHTHOUSE_RUNS} in the same browser (\`mobile\` is its slow phone on a slow network). \`nothing\` is the page for unknown addresses, a sentence and what every page loads: the most that this machine can reach.`,
    '',
    `Its \`benchmarkIndex\` for this machine is ${Math.round(index)}, that of ${kind}. From there [its table](https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md#calibrating-the-cpu-slowdown) comes to a mid-tier phone by a processor ${slowdown} times slower, ${isDefault ? 'which is the default that all rows have' : `which the rows named so have; the others have the default, ${DEFAULT_SLOWDOWN} times, which presumes a high-end desktop`}.`,
    '',
    ...formatTable(HEAD, rows),
  ];
}

function describeRun(run: LighthouseResult): (string | number)[] {
  const { performance, accessibility, firstPaintMs, largestPaintMs, blockedMs, shift } = run;
  const times = [firstPaintMs, largestPaintMs, blockedMs].map(ms);
  return [performance, accessibility, ...times, shift.toFixed(3)];
}

async function measureLoads(stack: ShowcaseStack): Promise<string[]> {
  const browser = await WebBrowser.start(stack);
  try {
    const rows: string[][] = [];
    for (const shown of PAGES.filter(({ isOfApi }) => !isOfApi)) {
      const path = shown.path(stack.showcase);
      const route = `\`${path.replace(/\?.*/, '').replace(/\d+/, '[id]')}\``;
      if (rows.some(([known]) => known === route)) continue;
      const { context, scripts } = await lookAt(browser, stack, { shown });
      const load = await measureFirstLoad(context, { url: `${stack.webUrl}${path}`, scripts });
      await context.close();
      rows.push([route, ...[load.named, load.shown].map((bytes) => (bytes / 1000).toFixed(0))]);
    }
    return [
      'JavaScript of a first visit, compressed by gzip, in kB of 1000 bytes: what the document names, and all that was fetched by the time that the page shows what it is for:',
      '',
      ...formatTable(['page', 'named', 'until shown'], rows),
    ];
  } finally {
    await browser.stop();
  }
}
