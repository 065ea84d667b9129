import { z } from 'zod';

/** What an API key may be allowed to do; `admin` is no scope of a user's key. */
export const SCOPES = {
  'meetings:read': 'See meetings, their attempts and states',
  'meetings:write': 'Make, change, delete and share meetings',
  'transcripts:read': 'Read and search what was said: transcripts, analyses, recordings, exports',
  bots: 'Send bots, stop them, and have them speak and write',
  webhooks:
    'Manage webhook endpoints and read their deliveries; with transcripts:read, decide what is sent where',
} as const;
export type Scope = keyof typeof SCOPES;

export const scopeSchema = z.enum(Object.keys(SCOPES) as [Scope, ...Scope[]]);

/** Whether a text names a scope; tokens made elsewhere may name other things as well. */
export function isScope(text: string): text is Scope {
  return scopeSchema.safeParse(text).success;
}
