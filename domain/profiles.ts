import { z } from 'zod';
import { toStorableText } from './text';

/** What another system says of a person: Clerk's events, and the old gateway's user bodies. */

/** Clerk's id of a user, and the ids of local mode. */
export const clerkIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'Expected 1 to 200 printable ASCII characters');

/** A person as another system knows them. */
export interface Profile {
  clerkId: string;
  email: string | null;
  fullName: string | null;
  avatarUrl: string | null;
  /** When that was last changed there; null when it does not say. */
  at: Date | null;
}

const LONGEST_NAME = 200;
/** Up to the year 9999: what PostgreSQL and `Date` both take. */
const LATEST_MS = 253_402_300_799_999;

const someText = z.string().max(10_000).nullish();
const emailAddress = z.string().max(320);

const clerkUserSchema = z.object({
  id: clerkIdSchema,
  primary_email_address_id: z.string().nullish(),
  email_addresses: z
    .array(
      z.object({
        id: z.string(),
        email_address: emailAddress,
        verification: z.object({ status: z.string().nullish() }).nullish(),
      }),
    )
    .max(1_000)
    .nullish(),
  first_name: someText,
  last_name: someText,
  image_url: someText,
  updated_at: z.int().min(0).max(LATEST_MS),
});
type ClerkUser = z.infer<typeof clerkUserSchema>;

/** The events of Clerk that are about users. */
export const clerkUserEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('user.created'), data: clerkUserSchema }),
  z.object({ type: z.literal('user.updated'), data: clerkUserSchema }),
  z.object({ type: z.literal('user.deleted'), data: z.object({ id: clerkIdSchema }) }),
]);
export type ClerkUserEvent = z.infer<typeof clerkUserEventSchema>;

/** Any event of Clerk; those about something else change nothing. */
export const clerkEventSchema = z.looseObject({ type: z.string().max(200) });

/** Whether an event of Clerk is one of those that make, change or delete a user here. */
export function isAboutUser({ type }: { type: string }): boolean {
  return clerkUserEventSchema.options.some((option) => option.shape.type.value === type);
}

/** Clerk's user as a profile: the primary e-mail address if it is known to be theirs, or none. */
export function toProfile(user: ClerkUser): Profile {
  const primary = user.email_addresses?.find(({ id }) => id === user.primary_email_address_id);
  // Anybody can type in somebody else's address; it would be taken from its owner.
  const isTheirs = primary?.verification?.status === 'verified';
  return {
    clerkId: user.id,
    email: isTheirs ? toEmail(primary.email_address) : null,
    fullName: toName(`${user.first_name ?? ''} ${user.last_name ?? ''}`),
    avatarUrl: toUrl(user.image_url),
    at: new Date(user.updated_at),
  };
}

/** A user as a program names them, under any of the old system's names for the fields. */
export const plainUserSchema = z
  .strictObject({
    clerkId: clerkIdSchema.optional(),
    clerk_id: clerkIdSchema.optional(),
    clerk_user_id: clerkIdSchema.optional(),
    email: emailAddress.nullish(),
    fullName: someText,
    full_name: someText,
    name: someText,
    avatarUrl: someText,
    avatar_url: someText,
    image_url: someText,
    updatedAt: z.iso
      .datetime({ offset: true })
      .refine((text) => Date.parse(text) >= 0, { message: 'Expected a moment since 1970' })
      .optional(),
  })
  .transform((user, context): Profile => {
    const clerkId = user.clerkId ?? user.clerk_id ?? user.clerk_user_id;
    if (clerkId === undefined) {
      context.addIssue({ code: 'custom', path: ['clerkId'], message: 'Expected a clerkId' });
      return z.NEVER;
    }
    return {
      clerkId,
      email: toEmail(user.email),
      fullName: toName(user.fullName ?? user.full_name ?? user.name),
      avatarUrl: toUrl(user.avatarUrl ?? user.avatar_url ?? user.image_url),
      at: user.updatedAt === undefined ? null : new Date(user.updatedAt),
    };
  });

function toEmail(email: string | null | undefined): string | null {
  return email ? toStorableText(email.trim().toLowerCase()) : null;
}

function toName(name: string | null | undefined): string | null {
  const line = toStorableText(name ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return line === '' ? null : line.slice(0, LONGEST_NAME);
}

/** Shown in pages: nothing but https. */
function toUrl(url: string | null | undefined): string | null {
  return url && url.length <= 2_000 && z.url({ protocol: /^https$/ }).safeParse(url).success
    ? url
    : null;
}

/** What became of an event: `older` and `repeated` changed nothing, `ignored` is not about users. */
export const clerkAnswerSchema = z.object({
  outcome: z.enum(['applied', 'older', 'repeated', 'deleted', 'ignored']),
});
export type ClerkAnswer = z.infer<typeof clerkAnswerSchema>;
