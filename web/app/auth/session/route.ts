import { createMeetingsClient } from 'meetings-client';
import { cookies } from 'next/headers';
import type { NextRequest } from 'next/server';
import { webConfig } from '@/config';
import { readLocalSession, SESSION_COOKIE } from '@/local-cookie';

const NO_STORE = { 'cache-control': 'no-store' };

/** The token behind the cookie, for the page that is open: its sockets and requests show it. */
export async function GET(): Promise<Response> {
  if (webConfig().AUTH_MODE !== 'local') return new Response(null, { status: 404 });
  const session = readLocalSession(await cookies());
  if (!session) return new Response(null, { status: 401, headers: NO_STORE });
  const expiresAt = new Date(session.expiresAtMs).toISOString();
  return Response.json({ token: session.token, expiresAt }, { headers: NO_STORE });
}

/** Signs in with the local form. */
export async function POST(request: NextRequest): Promise<Response> {
  const { AUTH_MODE, WEB_API_URL } = webConfig();
  if (AUTH_MODE !== 'local' || WEB_API_URL === undefined)
    return new Response(null, { status: 404 });
  // A form of another site cannot send this type.
  if (request.headers.get('content-type') !== 'application/json') {
    return new Response(null, { status: 415 });
  }
  const { email, name } = (await request.json()) as { email: string; name?: string };
  const client = createMeetingsClient({ baseUrl: WEB_API_URL });
  const body = name ? { email, name } : { email };
  const answer = await client.POST('/api/local/sign-in', { body }).catch(() => null);
  if (answer === null) return Response.json({ error: { code: 'unreachable' } }, { status: 503 });
  if (!answer.data) return Response.json(answer.error, { status: answer.response.status });
  const { token, expiresAt } = answer.data;
  (await cookies()).set(SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    expires: new Date(expiresAt),
  });
  return new Response(null, { status: 204, headers: NO_STORE });
}

/** Signs out. */
export async function DELETE(): Promise<Response> {
  (await cookies()).delete(SESSION_COOKIE);
  return new Response(null, { status: 204, headers: NO_STORE });
}
