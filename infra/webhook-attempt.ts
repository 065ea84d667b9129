import { toStorableText } from '../domain/text';
import { readRetryAfter } from '../domain/webhook-retries';
import type { SigningEndpoint } from './database/webhook-health';
import type { Encryption } from './encryption';
import {
  describeRequest,
  OutgoingCallError,
  postMessage,
  type OutgoingAnswer,
  type OutgoingOptions,
} from './outgoing-url';

/** What came of posting a message once. */
export interface AttemptResult {
  isDelivered: boolean;
  requestHead: Record<string, string>;
  status: number | null;
  error: string | null;
  responseHead: string | null;
  latencyMs: number;
  /** What `Retry-After` asked for. */
  retryAfterMs: number | null;
}

const RESPONSE_HEAD_BYTES = 2_048;
/** Cookies are between others. */
const HIDDEN_HEADERS = ['set-cookie'];

export interface AttemptOptions {
  encryption: Encryption;
  outgoing: OutgoingOptions;
  now: Date;
}

/** Posts a message to an endpoint, signed with all secrets that count now. */
export async function attemptDelivery(
  endpoint: SigningEndpoint,
  message: { id: string; text: string },
  { encryption, outgoing, now }: AttemptOptions,
): Promise<AttemptResult> {
  const encrypted = [endpoint.secretEncrypted, endpoint.oldSecretEncrypted];
  const secrets = encrypted.flatMap((each) => (each === null ? [] : [encryption.decrypt(each)]));
  const call = { url: endpoint.url, id: message.id, text: message.text, secrets, at: now };
  const startedAt = performance.now();
  const finish = (): { requestHead: Record<string, string>; latencyMs: number } => ({
    requestHead: describeRequest(call),
    latencyMs: Math.round(performance.now() - startedAt),
  });
  try {
    const answer = await postMessage(call, { ...outgoing, bodyLimit: RESPONSE_HEAD_BYTES });
    const { status } = answer;
    const isDelivered = status >= 200 && status <= 299;
    return {
      ...finish(),
      isDelivered,
      status,
      error: isDelivered ? null : describeRefusal(status),
      responseHead: describeAnswer(answer),
      retryAfterMs: readRetryAfter(answer.headers['retry-after'], now),
    };
  } catch (error) {
    if (!(error instanceof OutgoingCallError)) throw error;
    const nothing = { isDelivered: false, status: null, responseHead: null, retryAfterMs: null };
    return { ...finish(), ...nothing, error: error.message };
  }
}

function describeRefusal(status: number): string {
  if (status >= 300 && status <= 399) return `Redirects are not followed, got status ${status}`;
  return `Expected a success, got status ${status}`;
}

function describeAnswer({ headers, body }: OutgoingAnswer): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    HIDDEN_HEADERS.includes(name) ? [] : [`${name}: ${[value].flat().join(', ')}`],
  );
  const whole = Buffer.from(`${lines.join('\n')}\n\n${body.toString('utf8')}`);
  return toStorableText(whole.subarray(0, RESPONSE_HEAD_BYTES).toString('utf8'));
}
