import { lookup } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';
import type { CDPSession, Page } from 'playwright-core';

const LOOKUP_TIMEOUT_MS = 5_000;
/** Azure's own services for its machines, in a range that is public elsewhere. */
const METADATA_ADDRESSES = new Set(['168.63.129.16']);
/** The only part of IPv6 that is given out: the others lead to IPv4 in other ways, or nowhere. */
const PUBLIC_IPV6 = ipaddr.parseCIDR('2000::/3');

/** As Chromium calls networks that are not the internet. */
const INNER_SPACES = new Set(['Loopback', 'Local', 'Private']);
/** It is told before the answer is handed on; this is for answers of which nothing is told. */
const SPACE_TIMEOUT_MS = 1_000;
const SPACE_LOOK_MS = 20;
const KEPT_SPACES = 1_000;

export interface AddressGuardOptions {
  /** Origins that may be opened whatever address they have. */
  allowedOrigins: readonly string[];
  /** The addresses of a name; by default what the machine's resolver says. */
  resolve?(host: string): Promise<string[]>;
}

export interface AddressGuard {
  /** Whether a bot may open the link. */
  mayOpen(url: string): Promise<boolean>;
  /** Stops every document, redirects too, that the page must not open. */
  watch(page: Page, onBlocked: () => void): Promise<void>;
}

/**
 * Links come from strangers: a bot must not look into the network it runs in. A name that does not
 * resolve is let through, the browser cannot open it either. The browser resolves the name again:
 * where it was led then is looked at before the page gets a byte of the answer.
 */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const resolve = options.resolve ?? resolveName;
  const isAllowedOrigin = (url: URL): boolean =>
    options.allowedOrigins.includes(url.origin.replace(/^ws/, 'http'));
  const mayOpen = async (text: string): Promise<boolean> => {
    const url = new URL(text);
    if (['about:', 'blob:', 'data:'].includes(url.protocol)) return true;
    if (!/^(https?|wss?):$/.test(url.protocol)) return false;
    if (isAllowedOrigin(url)) return true;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = ipaddr.isValid(host) ? [host] : await resolve(host);
    return addresses.every(isPublic);
  };
  const mayShow = (url: string, space: string | null): boolean =>
    space === null || !INNER_SPACES.has(space) || isAllowedOrigin(new URL(url));
  return {
    mayOpen,
    watch: (page, onBlocked) => watchDocuments(page, { mayOpen, mayShow, onBlocked }),
  };
}

interface Rules extends Pick<AddressGuard, 'mayOpen'> {
  /** Whether an answer that came from there may reach the page; null where nobody was connected to. */
  mayShow(url: string, space: string | null): boolean;
  onBlocked(): void;
}

/** The raw protocol: Playwright's own routes do not see the redirects of a request. */
async function watchDocuments(page: Page, { mayOpen, mayShow, onBlocked }: Rules): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const spaces = followSpaces(session);
  session.on('Fetch.requestPaused', (paused) => {
    const { requestId, request, frameId, networkId, responseStatusCode } = paused;
    const settle = async () => {
      const isAnswer = responseStatusCode !== undefined;
      const may = isAnswer
        ? mayShow(request.url, await spaces.take(networkId))
        : await mayOpen(request.url).catch(() => false);
      if (may) return session.send('Fetch.continueRequest', { requestId });
      if (frameId === frameTree.frame.id) onBlocked();
      return session.send('Fetch.failRequest', { requestId, errorReason: 'AccessDenied' });
    };
    // The page may have gone away meanwhile.
    void settle().catch(() => undefined);
  });
  await session.send('Network.enable');
  await session.send('Fetch.enable', {
    patterns: [
      { resourceType: 'Document', requestStage: 'Request' },
      { resourceType: 'Document', requestStage: 'Response' },
    ],
  });
}

/** Which kind of network each answer came from, as the browser's own network part tells. */
function followSpaces(session: CDPSession) {
  const known = new Map<string, string>();
  session.on('Network.responseReceivedExtraInfo', ({ requestId, resourceIPAddressSpace }) => {
    known.set(requestId, resourceIPAddressSpace);
    for (const oldest of known.keys()) {
      if (known.size <= KEPT_SPACES) break;
      known.delete(oldest);
    }
  });
  return {
    /** Null when nothing was said of it in time, as of a page from the cache. */
    async take(requestId: string | undefined): Promise<string | null> {
      const until = performance.now() + SPACE_TIMEOUT_MS;
      for (;;) {
        const space = known.get(requestId ?? '');
        if (space !== undefined) {
          known.delete(requestId ?? '');
          return space;
        }
        if (performance.now() >= until) return null;
        await delay(SPACE_LOOK_MS);
      }
    },
  };
}

function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv6' && !parsed.match(PUBLIC_IPV6)) return false;
  return parsed.range() === 'unicast' && !METADATA_ADDRESSES.has(parsed.toString());
}

async function resolveName(host: string): Promise<string[]> {
  const found = lookup(host, { all: true }).then((all) => all.map(({ address }) => address));
  return Promise.race([found.catch(() => []), delay(LOOKUP_TIMEOUT_MS, [], { ref: false })]);
}
