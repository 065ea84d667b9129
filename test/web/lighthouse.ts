import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { z } from 'zod';
import { findFreePorts } from '../../temporal-dev/ports';
import { TEST_BROWSER_ARGUMENTS } from '../browser-arguments';
import type { ShowcaseStack } from './showcase/stack';

const LIGHTHOUSE = path.join(__dirname, '../../node_modules/lighthouse/cli/index.js');

const share = z.object({ score: z.number() });
const figure = z.object({ numericValue: z.number() });
const reportSchema = z.object({
  categories: z.object({ performance: share, accessibility: share }),
  audits: z.object({
    'first-contentful-paint': figure,
    'largest-contentful-paint': figure,
    'total-blocking-time': figure,
    'cumulative-layout-shift': figure,
  }),
});

/** What Lighthouse says of a page: scores of 100, times in milliseconds. */
export interface LighthouseResult {
  performance: number;
  accessibility: number;
  firstPaintMs: number;
  largestPaintMs: number;
  blockedMs: number;
  shift: number;
}

export interface LighthouseOptions {
  path: string;
  /** `mobile` is a slow phone on a slow network, Lighthouse's own default. */
  device: 'mobile' | 'desktop';
  runs: number;
}

export interface LighthouseRuns {
  /** Of somebody who comes for the first time: nothing in the cache. */
  first: LighthouseResult;
  /** Of one who has been there; the best counts, since others on the machine only ever slow it down. */
  best: LighthouseResult;
}

/** Judges a page by Lighthouse in a Chromium where the showcase's owner is signed in. */
export async function runLighthouse(
  { webUrl, email, chromiumPath }: ShowcaseStack,
  { path: pagePath, device, runs }: LighthouseOptions,
): Promise<LighthouseRuns> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lighthouse-'));
  const { web: port } = await findFreePorts();
  const context = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: chromiumPath,
    args: [...TEST_BROWSER_ARGUMENTS, `--remote-debugging-port=${port}`],
  });
  try {
    await context.request.post(`${webUrl}/auth/session`, { data: { email } });
    const results: LighthouseResult[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const file = path.join(folder, `${run}.json`);
      await promisify(execFile)(process.execPath, [
        ...[LIGHTHOUSE, `${webUrl}${pagePath}`, '--quiet', `--port=${port}`],
        ...['--disable-storage-reset', '--only-categories=performance,accessibility'],
        ...['--output=json', `--output-path=${file}`],
        ...(device === 'desktop' ? ['--preset=desktop'] : []),
      ]);
      results.push(read(file));
    }
    const [first] = results;
    const [best] = results.toSorted((one, other) => other.performance - one.performance);
    if (!first || !best) throw new Error('Expected at least one run of Lighthouse');
    return { first, best };
  } finally {
    await context.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function read(file: string): LighthouseResult {
  const { categories, audits } = reportSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  return {
    performance: Math.round(categories.performance.score * 100),
    accessibility: Math.round(categories.accessibility.score * 100),
    firstPaintMs: audits['first-contentful-paint'].numericValue,
    largestPaintMs: audits['largest-contentful-paint'].numericValue,
    blockedMs: audits['total-blocking-time'].numericValue,
    shift: audits['cumulative-layout-shift'].numericValue,
  };
}
