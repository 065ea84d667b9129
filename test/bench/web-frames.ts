import type { CDPSession, Page } from 'playwright-core';
import { percentile } from './percentiles';

/** How a stretch of scrolling went. */
export interface Frames {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Frames that took longer than one and a half of 1/60 s, in per cent. */
  latePercent: number;
  /** What script, style and layout took of the main thread for a frame. */
  workMs: number;
}

const LATE_MS = 25;
/** Ten seconds at 60 frames a second. */
const FRAMES = 600;
/** 2400 pixels a second: a page of the screen every third of one. */
const STEP_PX = 40;

/** Scrolls an element by a step a frame, and measures each frame by when the next one begins. */
export async function scroll(page: Page, selector: string): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await readWork(session);
  const times = (await page.evaluate(`new Promise((resolve) => {
    const box = document.querySelector(${JSON.stringify(selector)});
    const times = [];
    let last = 0;
    const step = (now) => {
      if (last !== 0) times.push(now - last);
      last = now;
      if (times.length === ${FRAMES}) return resolve(times);
      box.scrollTop += ${STEP_PX};
      requestAnimationFrame(step);
    };
    box.scrollTop = 0;
    requestAnimationFrame(step);
  })`)) as number[];
  const work = (await readWork(session)) - before;
  await session.detach();
  const sum = times.reduce((all, each) => all + each, 0);
  return {
    perSecond: (times.length / sum) * 1000,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    p99Ms: percentile(times, 0.99),
    latePercent: (times.filter((each) => each > LATE_MS).length / times.length) * 100,
    workMs: work / times.length,
  };
}

const WORK = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];

async function readWork(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics
    .filter(({ name }) => WORK.includes(name))
    .reduce((sum, { value }) => sum + value * 1000, 0);
}

/** A page of the same length without any work: what this machine can do at most. */
export async function openBaseline(page: Page): Promise<string> {
  await page.setContent(
    '<div id="box" style="height: 700px; overflow-y: auto"><div style="height: 600000px; background: linear-gradient(red, blue)"></div></div>',
  );
  return '#box';
}
