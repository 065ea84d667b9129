import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

/** Which bot a token speaks for. */
export interface BotIdentity {
  meetingId: number;
  attempt: number;
  launchId: string;
}

/** The token is not one of ours, is for something else, or is too old. */
export class InvalidBotTokenError extends Error {
  override readonly name = 'InvalidBotTokenError';
}

const AUDIENCE = 'meetings-bot';
const ALGORITHM = 'HS256';

const claimsSchema = z.object({
  meetingId: z.int().min(1),
  attempt: z.int().min(1),
  launchId: z.uuid(),
});

/** Makes the bearer token of one attempt's bot: HS256 with `secret`, valid for `lifetimeMs`. */
export async function mintBotToken(
  { lifetimeMs, ...identity }: BotIdentity & { lifetimeMs: number },
  secret: string,
): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...identity })
    .setProtectedHeader({ alg: ALGORITHM })
    .setAudience(AUDIENCE)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + Math.ceil(lifetimeMs / 1000))
    .sign(new TextEncoder().encode(secret));
}

/** Reads a bot's token; throws `InvalidBotTokenError` unless every claim holds. */
export async function verifyBotToken(token: string, secret: string): Promise<BotIdentity> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: [ALGORITHM],
      audience: AUDIENCE,
      requiredClaims: ['exp', 'iat'],
    });
    return claimsSchema.parse(payload);
  } catch (error) {
    throw new InvalidBotTokenError('Expected a valid bot token', { cause: error });
  }
}
