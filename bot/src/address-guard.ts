import { lookup } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';
import type { Page } from 'playwright-core';

const LOOKUP_TIMEOUT_MS = 5_000;
/** Azure's own services for its machines, in a range that is public elsewhere. */
const METADATA_ADDRESSES = new Set(['168.63.129.16']);

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
 * resolve is let through, the browser cannot open it either. NOTE: the browser resolves the name
 * again, so a name that changes its address in between is not caught.
 */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const resolve = options.resolve ?? resolveName;
  const mayOpen = async (text: string): Promise<boolean> => {
    const url = new URL(text);
    if (['about:', 'blob:', 'data:'].includes(url.protocol)) return true;
    if (!/^(https?|wss?):$/.test(url.protocol)) return false;
    if (options.allowedOrigins.includes(url.origin.replace(/^ws/, 'http'))) return true;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = ipaddr.isValid(host) ? [host] : await resolve(host);
    return addresses.every(isPublic);
  };
  return { mayOpen, watch: (page, onBlocked) => watchDocuments(page, { mayOpen, onBlocked }) };
}

/** The raw protocol: Playwright's own routes do not see the redirects of a request. */
async function watchDocuments(
  page: Page,
  { mayOpen, onBlocked }: Pick<AddressGuard, 'mayOpen'> & { onBlocked(): void },
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  session.on('Fetch.requestPaused', ({ requestId, request, frameId }) => {
    const settle = async () => {
      if (await mayOpen(request.url).catch(() => false)) {
        return session.send('Fetch.continueRequest', { requestId });
      }
      if (frameId === frameTree.frame.id) onBlocked();
      return session.send('Fetch.failRequest', { requestId, errorReason: 'AccessDenied' });
    };
    // The page may have gone away meanwhile.
    void settle().catch(() => undefined);
  });
  await session.send('Fetch.enable', {
    patterns: [{ resourceType: 'Document', requestStage: 'Request' }],
  });
}

function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && !METADATA_ADDRESSES.has(parsed.toString());
}

async function resolveName(host: string): Promise<string[]> {
  const found = lookup(host, { all: true }).then((all) => all.map(({ address }) => address));
  return Promise.race([found.catch(() => []), delay(LOOKUP_TIMEOUT_MS, [], { ref: false })]);
}
