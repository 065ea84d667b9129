/** Sonner writes its style into the page when it loads: first an empty element, then these bytes. */
const SONNER_STYLES = [
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "'sha256-StEaX+se6YS7pqjzrzMIA0KaX9zF/8zAhvQXZAe5epY='",
];

interface PolicyOptions {
  nonce: string;
  /** Origin of the API; empty where it is the page's own. */
  apiOrigin: string;
  /** Host of Clerk's frontend API, from the publishable key; null in local mode. */
  clerkHost: string | null;
  isDevelopment: boolean;
}

/** The Content-Security-Policy of a page: nothing but its own files, the API and, if used, Clerk. */
export function makeContentPolicy(options: PolicyOptions): string {
  const { nonce, apiOrigin, clerkHost, isDevelopment } = options;
  const clerk = clerkHost === null ? [] : [`https://${clerkHost}`];
  const api = apiOrigin === '' ? [] : [apiOrigin, apiOrigin.replace(/^http/, 'ws')];
  const nonced = `'nonce-${nonce}'`;
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    'script-src': [
      "'self'",
      nonced,
      "'strict-dynamic'",
      ...(isDevelopment ? ["'unsafe-eval'"] : []),
    ],
    // Clerk's components and Next's tools write styles of their own
    'style-src':
      clerkHost === null && !isDevelopment
        ? ["'self'", nonced, ...SONNER_STYLES]
        : ["'self'", "'unsafe-inline'"],
    // elements are placed by style attributes; nothing can be loaded or run from there
    'style-src-attr': ["'unsafe-inline'"],
    'img-src': [
      "'self'",
      'blob:',
      'data:',
      ...api,
      ...(clerkHost ? ['https://img.clerk.com'] : []),
    ],
    'media-src': ["'self'", 'blob:', ...api],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...api, ...clerk],
    'worker-src': ["'self'", 'blob:'],
    'frame-src': clerkHost === null ? ["'none'"] : ['https://challenges.cloudflare.com'],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');
}

/** Clerk's publishable key is `pk_…_` and, in base64, the host of its frontend API and a `$`. */
export function readClerkHost(publishableKey: string): string {
  return atob(publishableKey.split('_')[2] ?? '').replace(/\$$/, '');
}
