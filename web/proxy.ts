import { NextResponse, type NextFetchEvent, type NextRequest } from 'next/server';
import { findApiOrigin } from './api/place';
import { webConfig } from './config';
import { makeContentPolicy, readClerkHost } from './content-policy';
import { readLocalSession } from './local-cookie';

/** Pages that people see before they are signed in. */
const OPEN_PATHS = /^\/(?:sign-in|sign-up|auth)(?:\/|$)/;

/** Before each page: its Content-Security-Policy, and the way to the sign-in for who needs it. */
export async function proxy(request: NextRequest, event: NextFetchEvent) {
  if (webConfig().AUTH_MODE === 'local') return answerLocal(request);
  return answerClerk(request, event);
}

function answerLocal(request: NextRequest): NextResponse {
  const isOpen = OPEN_PATHS.test(request.nextUrl.pathname);
  if (!isOpen && readLocalSession(request.cookies) === null) return sendToSignIn(request);
  return passOn(request, null);
}

async function answerClerk(request: NextRequest, event: NextFetchEvent) {
  const { clerkMiddleware } = await import('@clerk/nextjs/server');
  const { CLERK_PUBLISHABLE_KEY = '', CLERK_JWT_KEY } = webConfig();
  const parties = webConfig()
    .CLERK_AUTHORIZED_PARTIES?.split(',')
    .map((each) => each.trim());
  const handle = clerkMiddleware(
    async (auth, inner) => {
      const isOpen = OPEN_PATHS.test(inner.nextUrl.pathname);
      if (!isOpen && (await auth()).userId === null) return sendToSignIn(inner);
      return passOn(inner, readClerkHost(CLERK_PUBLISHABLE_KEY));
    },
    {
      // the secret key it reads itself: given here, it would want another one to encrypt it with
      publishableKey: CLERK_PUBLISHABLE_KEY,
      ...(CLERK_JWT_KEY ? { jwtKey: CLERK_JWT_KEY } : {}),
      ...(parties ? { authorizedParties: parties } : {}),
      signInUrl: '/sign-in',
      signUpUrl: '/sign-up',
    },
  );
  return handle(request, event);
}

function sendToSignIn(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const target = new URL('/sign-in', request.url);
  if (pathname !== '/') target.searchParams.set('next', `${pathname}${search}`);
  return NextResponse.redirect(target);
}

function passOn(request: NextRequest, clerkHost: string | null): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64');
  const policy = makeContentPolicy({
    nonce,
    clerkHost,
    apiOrigin: findApiOrigin(webConfig().WEB_API_URL, request.headers.get('host')),
    isDevelopment: webConfig().NODE_ENV === 'development',
  });
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'same-origin');
  response.headers.set('permissions-policy', 'camera=(), geolocation=()');
  return response;
}

export const config = {
  matcher: [{ source: '/((?!_next/static|_next/image|icon.svg|api/|ws$|s/).*)' }],
};
