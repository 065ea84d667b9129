import { gzipSync } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';

const SCRIPT = /<script\b[^>]*\bsrc="([^"]+)"[^>]*>/g;

/**
 * Bytes of JavaScript, compressed, that a page's document names: what a browser loads before the
 * page can be used. Scripts for browsers without modules are left out.
 */
export async function measureFirstLoad(context: BrowserContext, url: string): Promise<number> {
  const document = await (await context.request.get(url)).text();
  const sources = [...document.matchAll(SCRIPT)]
    .filter(([tag]) => !/\bnomodule\b/i.test(tag))
    .flatMap(([, source]) => source ?? []);
  if (sources.length === 0) throw new Error(`Expected ${url} to name scripts`);
  let bytes = 0;
  for (const source of new Set(sources)) {
    const script = await context.request.get(new URL(source, url).href);
    bytes += gzipSync(await script.body()).length;
  }
  return bytes;
}
