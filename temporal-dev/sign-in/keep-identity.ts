import { z } from 'zod';
import type { Platform } from '../../domain/platforms';
import { UserError } from '../user-error';

/** Whose account is kept, and where. */
export interface IdentityTarget {
  apiUrl: string;
  /** A session's token of the user whose bots are to sign in. */
  token: string;
  name: string;
  platform: Platform;
}

const identitySchema = z.object({ id: z.int(), name: z.string(), platform: z.string() });
const listSchema = z.object({ identities: z.array(identitySchema) });
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** Sends a browser's state to the API: as a new identity, or into the one that has the name. */
export async function keepIdentity(
  target: IdentityTarget,
  storageState: unknown,
): Promise<'made' | 'renewed'> {
  const { name, platform } = target;
  const { identities } = listSchema.parse(await send(target, 'GET', '/api/identities'));
  const known = identities.find((each) => each.name === name);
  if (known && known.platform !== platform) {
    throw new UserError(
      `Expected a name that is free, got ${name}, which is an identity for ${known.platform}.`,
    );
  }
  if (known) {
    await send({ ...target, body: { storageState } }, 'PATCH', `/api/identities/${known.id}`);
    return 'renewed';
  }
  await send({ ...target, body: { name, platform, storageState } }, 'POST', '/api/identities');
  return 'made';
}

/** A session of local mode for this e-mail address. */
export async function openLocalSession(apiUrl: string, email: string): Promise<string> {
  const answer = await send({ apiUrl, body: { email } }, 'POST', '/api/local/sign-in');
  return z.object({ token: z.string() }).parse(answer).token;
}

async function send(
  { apiUrl, token, body }: { apiUrl: string; token?: string; body?: unknown },
  method: string,
  path: string,
): Promise<unknown> {
  const response = await fetch(new URL(path, apiUrl), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new UserError(`Expected an API at ${apiUrl}, got no answer.`);
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  const error = errorSchema.safeParse(answer);
  const why = error.success ? error.data.error.message : 'without a reason';
  throw new UserError(`The API refused (${response.status}): ${why}`);
}
