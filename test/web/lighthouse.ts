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
  environment: z.object({ benchmarkIndex: z.number() }),
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
  /** How fast it found this machine. */
  benchmarkIndex: number;
}

/** Of Lighthouse for `mobile`. */
export const DEFAULT_SLOWDOWN = 4;

/**
 * What makes a machine as slow as a mid-tier phone, by the lowest `benchmarkIndex` of its kind:
 * https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md#calibrating-the-cpu-slowdown
 * Lighthouse's own default presumes the first kind whatever it runs on.
 */
const SLOWDOWNS = [
  { kind: 'a high-end desktop', from: 1_500, slowdown: DEFAULT_SLOWDOWN },
  { kind: 'a low-end desktop or a high-end phone', from: 800, slowdown: 2 },
  { kind: 'a mid-tier phone itself', from: 0, slowdown: 1 },
] as const;

/** The kind of a machine with this index, and what slows it down to a mid-tier phone. */
export function findSlowdown(benchmarkIndex: number): (typeof SLOWDOWNS)[number] {
  return SLOWDOWNS.find(({ from }) => benchmarkIndex >= from) ?? SLOWDOWNS[2];
}

export interface LighthouseOptions {
  path: string;
  /** `mobile` is a slow phone on a slow network, Lighthouse's own default. */
  device: 'mobile' | 'desktop';
  runs: number;
  /** Of the processor; by default Lighthouse's own for the device. */
  slowdown?: number;
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
  { path: pagePath, device, runs, slowdown }: LighthouseOptions,
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
        ...['--disable-storage-reset', '--ignore-status-code'],
        '--only-categories=performance,accessibility',
        ...['--output=json', `--output-path=${file}`],
        ...(device === 'desktop' ? ['--preset=desktop'] : []),
        ...(slowdown === undefined ? [] : [`--throttling.cpuSlowdownMultiplier=${slowdown}`]),
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
  const { environment, categories, audits } = reportSchema.parse(
    JSON.parse(fs.readFileSync(file, 'utf8')),
  );
  return {
    performance: Math.round(categories.performance.score * 100),
    accessibility: Math.round(categories.accessibility.score * 100),
    firstPaintMs: audits['first-contentful-paint'].numericValue,
    largestPaintMs: audits['largest-contentful-paint'].numericValue,
    blockedMs: audits['total-blocking-time'].numericValue,
    shift: audits['cumulative-layout-shift'].numericValue,
    benchmarkIndex: environment.benchmarkIndex,
  };
}
