import { gzipSync } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';

const SCRIPT = /<script\b[^>]*\bsrc="([^"]+)"[^>]*>/g;

/** Bytes of JavaScript, compressed. */
export interface FirstLoad {
  /** What the page's document names. Scripts for browsers without modules are left out. */
  named: number;
  /** That, and whatever else was fetched by the time that the page showed what it is for. */
  shown: number;
}

/** Notes each script that a page asks for; to be called before it goes anywhere. */
export function watchScripts(page: Page): () => string[] {
  const urls = new Set<string>();
  page.on('request', (request) => {
    if (request.resourceType() === 'script') urls.add(request.url());
  });
  return () => [...urls];
}

/** What a page loads first: `scripts` are those that were fetched until it was there. */
export async function measureFirstLoad(
  context: BrowserContext,
  { url, scripts }: { url: string; scripts: readonly string[] },
): Promise<FirstLoad> {
  const document = await (await context.request.get(url)).text();
  const named = [...document.matchAll(SCRIPT)]
    .filter(([tag]) => !/\bnomodule\b/i.test(tag))
    .flatMap(([, source]) => (source ? new URL(source, url).href : []));
  if (named.length === 0) throw new Error(`Expected ${url} to name scripts`);
  return {
    named: await weigh(context, named),
    shown: await weigh(context, [...named, ...scripts]),
  };
}

async function weigh(context: BrowserContext, urls: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    [...new Set(urls)].map(async (url) => {
      const script = await context.request.get(url);
      return gzipSync(await script.body()).length;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
