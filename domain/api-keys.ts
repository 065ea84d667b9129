import { z } from 'zod';
import { lineSchema } from './bot-wishes';
import { scopeSchema } from './scopes';

/** What every key begins with: no session token does, and scanners find keys that leaked. */
export const API_KEY_PREFIX = 'mtg_';
/** Keys one user may have at a time. */
export const MAX_API_KEYS = 50;

const moment = z.iso.datetime();

export const createApiKeySchema = z.strictObject({
  name: lineSchema(100),
  scopes: z
    .array(scopeSchema)
    .min(1)
    .refine((scopes) => new Set(scopes).size === scopes.length, {
      message: 'Expected each scope once',
    }),
  expiresAt: moment
    .refine((text) => Date.parse(text) > Date.now(), { message: 'Expected a time to come' })
    .nullable()
    .default(null)
    .describe('When it stops to be valid; null for never'),
});

/** A key as its owner sees it. */
export const apiKeySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    scopes: z.array(scopeSchema),
    lastFour: z.string().describe('The last characters of the key'),
    expiresAt: moment.nullable(),
    lastUsedAt: moment.nullable().describe('To the minute'),
    createdAt: moment,
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeySchema>;
export const apiKeyListSchema = z.object({ apiKeys: z.array(apiKeySchema) });

export const createdApiKeySchema = apiKeySchema.extend({
  key: z.string().describe('The key itself: this is the only time it is shown'),
});
