import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { MAX_EVIDENCE_BYTES, type EvidenceName } from '../../../domain/bot-api';
import type { Ending } from '../ending';
import type { PageDiary } from './page-diary';
import { reducePage } from './reduce-page';

/** For each piece; they are taken at the same time. */
const TAKE_TIMEOUT_MS = 4_000;
/** Of a page that has long given no answer. */
const FROZEN_TAKE_TIMEOUT_MS = 1_000;
const FRAMES_READ = 5;

export interface Piece {
  name: EvidenceName;
  content: Buffer;
}

export interface EvidenceSource {
  /** Null where the bot came to no page at all. */
  visit: { page: Page; diary: PageDiary } | null;
  ending: Ending | null;
  /** How far the bot had come. */
  state: string;
}

/** What there is to see now: whatever of it can be had within seconds. */
export async function collectEvidence(source: EvidenceSource): Promise<Piece[]> {
  const { visit, ending } = source;
  const limitMs = ending?.reason === 'page_frozen' ? FROZEN_TAKE_TIMEOUT_MS : TAKE_TIMEOUT_MS;
  const [screenshot, dom, userAgent] = visit
    ? await Promise.all([
        within(visit.page.screenshot({ timeout: limitMs }), limitMs),
        within(readFrames(visit.page, limitMs), limitMs),
        within(
          visit.page.evaluate(() => navigator.userAgent),
          limitMs,
        ),
      ])
    : [null, null, null];
  const pieces: [EvidenceName, Buffer | string | null][] = [
    ['screenshot.png', screenshot],
    ['page.html', dom],
    ['console.txt', visit?.diary.lines.join('\n') || null],
    ['seen.json', describeSeen(source, userAgent)],
  ];
  return pieces.flatMap(([name, taken]) => {
    if (taken === null) return [];
    const content = Buffer.from(taken);
    // A picture that was cut off is none.
    if (name === 'screenshot.png' && content.length > MAX_EVIDENCE_BYTES) return [];
    return [{ name, content: content.subarray(0, MAX_EVIDENCE_BYTES) }];
  });
}

function describeSeen({ visit, ending, state }: EvidenceSource, userAgent: string | null): string {
  const seen = {
    reason: ending?.reason ?? 'unknown',
    detail: ending?.detail ?? null,
    confidence: ending?.grounds?.confidence ?? 'unknown',
    signs: ending?.grounds?.signs ?? [],
    state,
    navigations: visit?.diary.navigations ?? [],
    userAgent,
  };
  return JSON.stringify(seen, null, 2);
}

async function readFrames(page: Page, limitMs: number): Promise<string> {
  const frames = page.frames().slice(0, FRAMES_READ);
  const texts = await Promise.all(
    frames.map((frame) => within(frame.evaluate(reducePage), limitMs)),
  );
  return `<!doctype html>\n<meta charset="utf-8">\n${texts.filter((text) => text !== null).join('\n<hr>\n')}`;
}

/** Null when it cannot be had in time: the page may be gone, frozen, or in the middle of a change. */
async function within<T>(taking: Promise<T>, limitMs: number): Promise<T | null> {
  const tooLate = delay(limitMs, null, { ref: false });
  return Promise.race([taking.catch(() => null), tooLate]);
}
