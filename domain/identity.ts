import { z } from 'zod';
import { lineSchema } from './bot-wishes';
import { platformSchema } from './platforms';

const moment = z.iso.datetime();

/** Identities one user may have at a time. */
export const MAX_IDENTITIES = 50;

/** Largest browser state of an identity, in bytes of JSON. */
export const MAX_STORAGE_STATE_BYTES = 1024 * 1024;

/** Playwright's storage state, as `npm run sign-in` makes it; fields it may gain are kept. */
const storageStateSchema = z
  .strictObject({
    cookies: z
      .array(
        z.looseObject({
          name: z.string().max(4_096),
          value: z.string().max(16_384),
          domain: z.string().min(1).max(255),
          path: z.string().max(4_096),
          expires: z.number(),
          httpOnly: z.boolean(),
          secure: z.boolean(),
          sameSite: z.enum(['Strict', 'Lax', 'None']),
        }),
      )
      .max(3_000),
    origins: z
      .array(
        z.looseObject({
          origin: z.url(),
          localStorage: z.array(z.object({ name: z.string(), value: z.string() })).max(5_000),
        }),
      )
      .max(200),
  })
  .refine((state) => state.cookies.length + state.origins.length > 0, {
    message: 'Expected a state with cookies or origins, got an empty one: sign in first',
  })
  .refine((state) => JSON.stringify(state).length <= MAX_STORAGE_STATE_BYTES, {
    message: `Expected at most ${MAX_STORAGE_STATE_BYTES} bytes of JSON`,
  });

const identityFields = {
  name: lineSchema(100),
  storageState: storageStateSchema,
  allowsParallel: z.boolean().describe('Whether it may be in several meetings at the same time'),
};

export const createIdentitySchema = z.strictObject({
  ...identityFields,
  platform: platformSchema,
  allowsParallel: identityFields.allowsParallel.default(false),
});

/** A new `storageState` is taken for a fresh sign-in: `refusedAt` is cleared. */
export const updateIdentitySchema = z
  .strictObject(identityFields)
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Expected at least one field to change',
  });

/** An identity as its owner sees it; the stored state never leaves but to its bots. */
export const identitySchema = z
  .object({
    id: z.int(),
    name: z.string(),
    platform: platformSchema,
    allowsParallel: z.boolean(),
    refusedAt: moment.nullable().describe('When a platform no longer took the sign-in'),
    lastUsedAt: moment.nullable(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Identity' });
export type IdentityView = z.infer<typeof identitySchema>;
export const identityListSchema = z.object({ identities: z.array(identitySchema) });
