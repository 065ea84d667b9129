import http from 'node:http';
import https from 'node:https';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';

/** Limits and exceptions of calls to addresses that users gave. */
export interface OutgoingOptions {
  /** Hosts that may be called although they are no public address, or by http. */
  allowedHosts: readonly string[];
  /** `whsec_…`: signs each call as Standard Webhooks says; none for unsigned calls. */
  signingSecret: string | undefined;
  timeLimitMs?: number;
}

/** The call gave no answer that can be used; the message names no address. */
export class OutgoingCallError extends Error {
  override readonly name = 'OutgoingCallError';
}

const TIME_LIMIT_MS = 10_000;
const LARGEST_ANSWER_BYTES = 16 * 1024;

/** Why an address may not be called at all, or null. Where its name leads is checked at the call. */
export function findOutgoingProblem(
  text: string,
  { allowedHosts }: Pick<OutgoingOptions, 'allowedHosts'>,
): string | null {
  if (!URL.canParse(text)) return 'Expected an address that starts with https://';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'Expected an address without credentials';
  if (allowedHosts.includes(url.hostname) && /^https?:$/.test(url.protocol)) return null;
  return url.protocol === 'https:' ? null : 'Expected an address that starts with https://';
}

/**
 * Posts JSON to an address that a user gave and reads a short JSON answer. Only public addresses are
 * connected to, judged after the name is resolved and on the connection itself, so that a name
 * cannot lead elsewhere in between. Redirects are not followed.
 */
export async function postToUser(
  address: { url: string; id: string },
  body: object,
  options: OutgoingOptions,
): Promise<unknown> {
  const problem = findOutgoingProblem(address.url, options);
  if (problem) throw new OutgoingCallError(problem);
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    accept: 'application/json',
    ...sign(address.id, text, options.signingSecret),
  };
  const answer = await send(new URL(address.url), { headers, text, options });
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    throw new OutgoingCallError('Expected JSON as the answer');
  }
}

function sign(id: string, text: string, secret: string | undefined): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    ...(secret === undefined
      ? {}
      : { 'webhook-signature': new Webhook(secret).sign(id, now, text) }),
  };
}

interface Call {
  headers: Record<string, string>;
  text: string;
  options: OutgoingOptions;
}

function send(url: URL, { headers, text, options }: Call): Promise<string> {
  const isTrusted = options.allowedHosts.includes(url.hostname);
  const signal = AbortSignal.timeout(options.timeLimitMs ?? TIME_LIMIT_MS);
  const { request } = url.protocol === 'http:' ? http : https;
  // a connection of its own each time: nothing that was judged for one call serves another
  const agent = isTrusted ? false : new RequestFilteringHttpsAgent({ keepAlive: false });
  return new Promise((resolve, reject) => {
    const fail = (message: string, cause?: unknown): void => {
      reject(new OutgoingCallError(message, { cause }));
      call.destroy();
    };
    const call = request(url, { method: 'POST', headers, agent, signal }, (response) => {
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) return fail(`Expected a success, got status ${status}`);
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > LARGEST_ANSWER_BYTES) fail(`Expected at most ${LARGEST_ANSWER_BYTES} bytes`);
        else parts.push(part);
      });
      response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
      response.once('error', (error) => fail('The answer broke off', error));
    });
    call.once('error', (error) => {
      fail(signal.aborted ? 'No answer came in time' : 'The address could not be reached', error);
    });
    call.end(text);
  });
}
