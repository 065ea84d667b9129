/** The cookie of local mode; Clerk's own has the same name, so that the API reads either. */
export const SESSION_COOKIE = '__session';

interface Cookies {
  get(name: string): { value: string } | undefined;
}

export interface LocalToken {
  token: string;
  expiresAtMs: number;
}

/** The session of a request, or null without one that is still good. The API checks signatures. */
export function readLocalSession(cookies: Cookies): LocalToken | null {
  const token = cookies.get(SESSION_COOKIE)?.value;
  if (token === undefined) return null;
  const expiresAtMs = readExpiry(token);
  return expiresAtMs > Date.now() ? { token, expiresAtMs } : null;
}

function readExpiry(token: string): number {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { exp } = JSON.parse(payload) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : 0;
  } catch {
    return 0;
  }
}
