import { createMeetingsClient, type MeetingsClient } from 'meetings-client';
import { cookies, headers } from 'next/headers';
import { cache } from 'react';
import { webConfig } from '@/config';
import { readLocalSession } from '@/local-cookie';

/** What a document waits for the API; later than this, the browser asks for itself. */
const LIMIT_MS = 1_000;

/**
 * What the API answers whoever asked for this document. Null where the browser has to ask for itself
 * and says what is wrong: nobody is signed in, the API is slow, down or refuses, or a page that is
 * open already goes to another one, which it does at once.
 */
export async function askInTime<Data>(
  ask: (client: MeetingsClient) => Promise<{ data?: Data }>,
): Promise<Data | null> {
  try {
    const client = await openApi();
    return client === null ? null : ((await ask(client)).data ?? null);
  } catch {
    return null;
  }
}

/** One for all that a document asks, so that it waits once. */
const openApi = cache(async (): Promise<MeetingsClient | null> => {
  const { API_INTERNAL_URL, WEB_API_URL } = webConfig();
  const baseUrl = API_INTERNAL_URL ?? WEB_API_URL;
  const given = await headers();
  if (baseUrl === undefined || given.get('sec-fetch-dest') !== 'document') return null;
  const token = await readToken();
  if (token === null) return null;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const addresses = given.get('x-forwarded-for');
  return createMeetingsClient({
    ...{ baseUrl, token },
    fetch(request) {
      // the API counts requests by address, and all of a page's server have one
      if (addresses !== null) request.headers.set('x-forwarded-for', addresses);
      return fetch(request, { signal, cache: 'no-store' });
    },
  });
});

async function readToken(): Promise<string | null> {
  if (webConfig().AUTH_MODE === 'local') return readLocalSession(await cookies())?.token ?? null;
  const { auth } = await import('@clerk/nextjs/server');
  return (await auth()).getToken();
}
