import { createHash, generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { importPKCS8, SignJWT } from 'jose';
import type { BrowserContext, Request, Route } from 'playwright-core';
import {
  makeClient,
  makeEnvironment,
  makeSession,
  makeSignIn,
  makeSignUp,
  type ClerkState,
  type ClerkUser,
} from './clerk-resources';

/** Where Clerk's Frontend API would be; nobody has this name. */
export const CLERK_HOST = 'clerk.meetings.test';
const TOKEN_SECONDS = 60;
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** The settings of an installation whose users this Clerk signs in. */
export const CLERK_SETTINGS = {
  AUTH_MODE: 'clerk',
  CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from(`${CLERK_HOST}$`).toString('base64')}`,
  CLERK_SECRET_KEY: `sk_live_${'x'.repeat(40)}`,
  CLERK_JWT_KEY: keys.publicKey,
};
export const CLERK_PASSWORD = 'correct horse battery staple';
/** What Clerk sends to an address that signs up. */
export const CLERK_CODE = '424242';

interface ClerkFrontendOptions {
  /** Folders of the packages `@clerk/clerk-js` and `@clerk/ui`. */
  packages: { js: string; ui: string };
  /** The page's. */
  origin: string;
}

/**
 * Clerk's Frontend API at the browser's edge. Real are clerk-js, its components and the tokens; left
 * out are the mail with the code, every strategy but a password, bot protection, organisations, Clerk's cookies on
 * its own domain, and the redirects of its handshake.
 */
export class ClerkFrontend {
  /** Every call, as `POST /v1/client/sign_ins`. */
  readonly calls: string[] = [];
  /** Tokens that were given out. */
  readonly tokens: string[] = [];
  private readonly state: ClerkState = { signIn: null, signUp: null, session: null };

  constructor(private readonly options: ClerkFrontendOptions) {}

  /** By what Clerk knows the person with this address. */
  static userId(email: string): string {
    return `user_${createHash('sha256').update(email).digest('hex').slice(0, 24)}`;
  }

  /** Whether somebody is signed in. */
  get hasSession(): boolean {
    return this.state.session !== null;
  }

  /** Answers for Clerk in every page of a browser. */
  async answer(context: BrowserContext): Promise<void> {
    await context.route(`https://${CLERK_HOST}/**`, (route) => this.handle(route, context));
  }

  private async handle(route: Route, context: BrowserContext): Promise<void> {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const file = this.findFile(pathname);
    if (file) return route.fulfill({ path: file, headers: this.headers('text/javascript') });
    if (request.method() === 'OPTIONS') {
      return route.fulfill({ status: 204, headers: this.headers('text/plain') });
    }
    const body = await this.call(request, pathname, context);
    await route.fulfill({
      status: 'errors' in body ? 422 : 200,
      headers: this.headers('application/json'),
      body: JSON.stringify(body),
    });
  }

  /** `/npm/@clerk/clerk-js@6/dist/clerk.browser.js`, and what it loads. */
  private findFile(pathname: string): string | null {
    const [, name, file] =
      /^\/npm\/@clerk\/(clerk-js|ui)@[^/]+\/(dist\/[\w.-]+)$/.exec(pathname) ?? [];
    if (name === undefined || file === undefined) return null;
    const { js, ui } = this.options.packages;
    const found = path.join(name === 'ui' ? ui : js, file);
    return fs.existsSync(found) ? found : null;
  }

  private headers(type: string): Record<string, string> {
    return {
      'content-type': type,
      'access-control-allow-origin': this.options.origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
    };
  }

  private async call(request: Request, pathname: string, context: BrowserContext): Promise<object> {
    // browsers send simple requests only: the true method stands in the address
    const method = new URL(request.url()).searchParams.get('_method') ?? request.method();
    const call = `${method} ${pathname.replace(/\/sess_\w+/, '/:session')}`;
    this.calls.push(call);
    const fields = new URLSearchParams(request.postData() ?? '');
    const { state } = this;
    switch (call.replace(/\/sia_\w+/, '/:signIn').replace(/\/sua_\w+/, '/:signUp')) {
      case 'GET /v1/environment':
      case 'PATCH /v1/environment':
        return makeEnvironment(this.options.origin);
      case 'GET /v1/client':
        return this.withClient(makeClient(state), null);
      case 'POST /v1/client/sign_ins':
        return this.beginSignIn(fields);
      case 'POST /v1/client/sign_ins/:signIn/attempt_first_factor':
        return this.tryPassword(fields, context);
      case 'POST /v1/client/sign_ups':
        return this.beginSignUp(fields);
      case 'POST /v1/client/sign_ups/:signUp/attempt_verification':
        return this.tryCode(fields, context);
      case 'POST /v1/client/sessions/:session/touch':
        return state.session ? this.withClient(makeSession(state.session)) : refuse('signed_out');
      case 'POST /v1/client/sessions/:session/tokens':
        return state.session ? this.makeToken(state.session) : refuse('signed_out');
      case 'DELETE /v1/client/sessions':
      case 'POST /v1/client/sessions/:session/remove':
        return this.signOut(context);
      default:
        return refuse('resource_not_found', call);
    }
  }

  private async makeToken(session: { id: string; user: ClerkUser }) {
    return { object: 'token', jwt: await this.sign(session) };
  }

  private withClient(response: object, client: object | null = makeClient(this.state)) {
    return { response, client };
  }

  private beginSignIn(fields: URLSearchParams) {
    const email = fields.get('identifier') ?? '';
    const user: ClerkUser = { id: ClerkFrontend.userId(email), email };
    this.state.signIn = { id: 'sia_test', user, sessionId: null };
    return this.withClient(makeSignIn(this.state.signIn));
  }

  private async tryPassword(fields: URLSearchParams, context: BrowserContext) {
    const { signIn } = this.state;
    if (signIn === null || fields.get('password') !== CLERK_PASSWORD) {
      return refuse('form_password_incorrect', 'Password is incorrect. Try again.', 'password');
    }
    signIn.sessionId = await this.openSession(signIn.user, context);
    return this.withClient(makeSignIn(signIn));
  }

  private beginSignUp(fields: URLSearchParams) {
    const email = fields.get('email_address') ?? '';
    const user: ClerkUser = { id: ClerkFrontend.userId(email), email };
    this.state.signUp = { id: 'sua_test', user, sessionId: null };
    return this.withClient(makeSignUp(this.state.signUp));
  }

  private async tryCode(fields: URLSearchParams, context: BrowserContext) {
    const { signUp } = this.state;
    if (signUp === null || fields.get('code') !== CLERK_CODE) {
      return refuse('form_code_incorrect', 'Incorrect code.', 'code');
    }
    signUp.sessionId = await this.openSession(signUp.user, context);
    return this.withClient(makeSignUp(signUp));
  }

  private async openSession(user: ClerkUser, context: BrowserContext): Promise<string> {
    const session = { id: 'sess_test', user, token: '' };
    session.token = await this.sign(session);
    this.state.session = session;
    await this.tellSite(context, Math.floor(Date.now() / 1_000));
    return session.id;
  }

  private async signOut(context: BrowserContext) {
    const { session } = this.state;
    this.state.session = null;
    this.state.signIn = null;
    this.state.signUp = null;
    await this.tellSite(context, 0);
    const ended = session && { ...makeSession(session), status: 'removed' };
    return this.withClient(ended ?? makeClient(this.state));
  }

  /** Clerk's domain is the site's own there, and its answers say so to the site's servers. */
  private async tellSite(context: BrowserContext, since: number): Promise<void> {
    const cookie = { name: '__client_uat', value: String(since), url: this.options.origin };
    await context.addCookies([cookie]);
  }

  private async sign({ id, user }: { id: string; user: ClerkUser }): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const token = await new SignJWT({ azp: this.options.origin, sid: id, sts: 'active', v: 2 })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'ins_test' })
      .setSubject(user.id)
      .setIssuer(`https://${CLERK_HOST}`)
      .setIssuedAt(now)
      .setNotBefore(now - 10)
      .setExpirationTime(now + TOKEN_SECONDS)
      .sign(await importPKCS8(keys.privateKey, 'RS256'));
    this.tokens.push(token);
    return token;
  }
}

function refuse(code: string, message = code, paramName?: string) {
  const meta = paramName === undefined ? {} : { param_name: paramName };
  return { errors: [{ code, message, long_message: message, meta }] };
}
