import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema';

/** The bodies of the API by name, as `Schemas['Meeting']`. */
export type Schemas = components['schemas'];

export type MeetingsClient = Client<paths>;

export interface MeetingsClientOptions {
  /** Where the API is, as `https://meetings.example.com`. */
  baseUrl: string;
  /** A session's token; a function is asked before each request, for those that expire. */
  token?: string | (() => string | Promise<string>);
  /** An API key, instead of a token. */
  apiKey?: string;
  /** Instead of the global one. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A client whose paths, parameters, bodies and answers are those of the OpenAPI document. */
export function createMeetingsClient({
  token,
  apiKey,
  ...options
}: MeetingsClientOptions): MeetingsClient {
  const client = createClient<paths>(options);
  client.use({
    async onRequest({ request }) {
      const current = typeof token === 'function' ? await token() : token;
      if (current) request.headers.set('authorization', `Bearer ${current}`);
      if (apiKey) request.headers.set('x-api-key', apiKey);
      return request;
    },
  });
  return client;
}
