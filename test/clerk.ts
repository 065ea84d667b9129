import { randomUUID } from 'node:crypto';
import { Webhook } from 'svix';
import type { TestApi } from './api-server';

export const CLERK_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

export interface ClerkUserOptions {
  at: number;
  email?: string | null;
  otherEmails?: string[];
  /** Clerk's status of the addresses; null for no verification at all. */
  verification?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  imageUrl?: string;
}

/** An event in the shape Clerk sends it, with fields that nobody here needs. */
export function makeUserEvent(
  type: 'user.created' | 'user.updated',
  id: string,
  options: ClerkUserOptions,
) {
  const { at, email = null, otherEmails = [], firstName = 'Maya', lastName = 'Okafor' } = options;
  const { verification: status = 'verified' } = options;
  const addresses = [...otherEmails, ...(email === null ? [] : [email])].map((address) => ({
    id: `idn_${address}`,
    object: 'email_address',
    email_address: address,
    verification: status === null ? null : { status, strategy: 'email_code' },
  }));
  return {
    object: 'event',
    type,
    instance_id: 'ins_test',
    timestamp: at,
    data: {
      id,
      object: 'user',
      username: null,
      first_name: firstName,
      last_name: lastName,
      image_url: options.imageUrl ?? 'https://img.clerk.com/maya.png',
      has_image: true,
      primary_email_address_id: email === null ? null : `idn_${email}`,
      email_addresses: addresses,
      public_metadata: {},
      created_at: 1_700_000_000_000,
      updated_at: at,
    },
  };
}

export function makeDeletedEvent(id: string) {
  return { object: 'event', type: 'user.deleted', data: { id, object: 'user', deleted: true } };
}

export interface SignOptions {
  svixId?: string;
  secret?: string;
  signedAt?: Date;
}

/** The headers with which Svix sends this body. */
export function signEvent(body: string, options: SignOptions = {}): Record<string, string> {
  const svixId = options.svixId ?? `msg_${randomUUID()}`;
  const signedAt = options.signedAt ?? new Date();
  return {
    'content-type': 'application/json',
    'svix-id': svixId,
    'svix-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
    'svix-signature': new Webhook(options.secret ?? CLERK_SECRET).sign(svixId, signedAt, body),
  };
}

/** Sends an event as Svix does. */
export function sendEvent(api: TestApi, event: object, options: SignOptions = {}) {
  const body = JSON.stringify(event);
  return api.http.post('/api/webhooks/clerk').set(signEvent(body, options)).send(body);
}

/** Every order of the items; equal ones are told apart by their place only once. */
export function listOrders<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return [...new Set(items)].flatMap((first) => {
    const rest = [...items];
    rest.splice(rest.indexOf(first), 1);
    return listOrders(rest).map((order) => [first, ...order]);
  });
}
