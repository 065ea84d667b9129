import { createHash, randomUUID } from 'node:crypto';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { makeSessionToken } from './api-server';

export const CLERK_ISSUER = 'https://clerk.example.com';
const CALLBACK = 'http://127.0.0.1:9/callback';

interface Grant {
  challenge: string;
  scope: string;
  resource: string;
}

/**
 * Answers as Clerk's OAuth endpoints do for programs that register themselves: clients are public
 * and prove themselves by PKCE, scopes that nobody defined are refused, tokens are JWTs.
 */
export class ClerkOAuth {
  private readonly clients = new Set<string>();
  private readonly codes = new Map<string, Grant>();

  constructor(
    private readonly scopes: readonly string[],
    private readonly sub: string,
  ) {}

  async answer(url: URL, init: RequestInit | undefined): Promise<Response> {
    switch (url.pathname) {
      case '/.well-known/oauth-authorization-server':
        return Response.json({
          issuer: CLERK_ISSUER,
          authorization_endpoint: `${CLERK_ISSUER}/oauth/authorize`,
          token_endpoint: `${CLERK_ISSUER}/oauth/token`,
          registration_endpoint: `${CLERK_ISSUER}/oauth/register`,
          response_types_supported: ['code'],
          grant_types_supported: ['authorization_code'],
          token_endpoint_auth_methods_supported: ['none'],
          code_challenge_methods_supported: ['S256'],
          scopes_supported: [...this.scopes, 'private_metadata'],
        });
      case '/oauth/register':
        return this.register(JSON.parse(String(init?.body)) as object);
      case '/oauth/token':
        return this.giveToken(new URLSearchParams(String(init?.body)));
      default:
        return new Response(null, { status: 404 });
    }
  }

  /** What the person's browser is sent back with once they have agreed. */
  agree(url: URL): URLSearchParams {
    const asked = Object.fromEntries(url.searchParams);
    const scope = asked['scope'] ?? '';
    const isKnown = this.clients.has(asked['client_id'] ?? '');
    const isAllowed = scope.split(' ').every((each) => this.scopes.includes(each));
    if (!isKnown || !isAllowed) return new URLSearchParams({ error: 'invalid_scope' });
    const code = randomUUID();
    const { code_challenge: challenge = '', resource = '' } = asked;
    this.codes.set(code, { challenge, scope, resource });
    return new URLSearchParams({ code });
  }

  private register(metadata: object): Response {
    const client_id = randomUUID();
    this.clients.add(client_id);
    return Response.json({ ...metadata, client_id }, { status: 201 });
  }

  private async giveToken(form: URLSearchParams): Promise<Response> {
    const code = form.get('code') ?? '';
    const grant = this.codes.get(code);
    this.codes.delete(code);
    const proof = createHash('sha256').update(form.get('code_verifier') ?? '');
    if (grant?.challenge !== proof.digest('base64url')) {
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }
    const { scope, resource: aud } = grant;
    const claims = { client_id: form.get('client_id'), scope, aud };
    const access_token = await makeSessionToken({ sub: this.sub, typ: 'at+jwt', claims });
    return Response.json({ access_token, token_type: 'Bearer', expires_in: 600, scope });
  }
}

/** An MCP client's memory, as a program on a desk keeps it. */
export class ClientMemory implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata = { client_name: 'An agent', redirect_uris: [CALLBACK] };
  /** Where the person was sent to agree. */
  sentTo: URL | null = null;
  private client: OAuthClientInformationMixed | undefined;
  private kept: OAuthTokens | undefined;
  private verifier = '';

  clientInformation = (): OAuthClientInformationMixed | undefined => this.client;
  saveClientInformation = (client: OAuthClientInformationMixed): void =>
    void (this.client = client);
  tokens = (): OAuthTokens | undefined => this.kept;
  saveTokens = (tokens: OAuthTokens): void => void (this.kept = tokens);
  redirectToAuthorization = (url: URL): void => void (this.sentTo = url);
  saveCodeVerifier = (verifier: string): void => void (this.verifier = verifier);
  codeVerifier = (): string => this.verifier;
}
