/** Where the page and the API are, as the page's server tells the browser. */
export interface Place {
  authMode: 'local' | 'clerk';
  /** Origin of the API; empty where page and API share one. */
  apiOrigin: string;
  /** Origin of the practice room; null where there is none. */
  practiceRoomOrigin: string | null;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The API's origin for a page that was asked for under `host`. On one machine the name in the
 * address bar is taken over, so that both are the same site whichever name somebody typed.
 */
export function findApiOrigin(apiUrl: string | undefined, host: string | null): string {
  if (apiUrl === undefined) return '';
  const url = new URL(apiUrl);
  const page = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  if (page && LOOPBACK.includes(url.hostname) && LOOPBACK.includes(page.hostname)) {
    url.hostname = page.hostname;
  }
  return url.origin;
}
