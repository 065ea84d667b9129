import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';
import { forbidAddresses, isForbiddenAddress } from './forbidden-addresses';

/** Limits and exceptions of calls to addresses that users gave. */
export interface OutgoingOptions {
  /** Hosts that may be called although they are no public address, or by http. */
  allowedHosts: readonly string[];
  timeLimitMs?: number;
  /** Ends the call early. */
  signal?: AbortSignal;
  /** How names are resolved; by default as the system does. */
  lookup?: LookupFunction;
}

/** What is posted: JSON as text, with its id, signed by each of the secrets (`whsec_…`). */
export interface OutgoingMessage {
  url: string;
  id: string;
  text: string;
  secrets: readonly string[];
  /** Seconds of it are signed as well. */
  at: Date;
}

export interface OutgoingAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** The start of the body, up to the limit that was asked for. */
  body: Buffer;
  isCut: boolean;
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

/** Posts JSON to an address that a user gave and reads a short JSON answer. */
export async function postToUser(
  address: { url: string; id: string },
  body: object,
  options: OutgoingOptions & { signingSecret: string | undefined },
): Promise<unknown> {
  const secrets = options.signingSecret === undefined ? [] : [options.signingSecret];
  const message = { ...address, text: JSON.stringify(body), secrets, at: new Date() };
  const answer = await postMessage(message, { ...options, bodyLimit: LARGEST_ANSWER_BYTES });
  if (answer.status < 200 || answer.status > 299) {
    throw new OutgoingCallError(`Expected a success, got status ${answer.status}`);
  }
  if (answer.isCut) throw new OutgoingCallError(`Expected at most ${LARGEST_ANSWER_BYTES} bytes`);
  try {
    return JSON.parse(answer.body.toString('utf8')) as unknown;
  } catch {
    throw new OutgoingCallError('Expected JSON as the answer');
  }
}

/**
 * Posts a message as Standard Webhooks says to an address that a user gave; any status is an answer.
 * Only public addresses are connected to, judged after the name is resolved and on the connection
 * itself, so that a name cannot lead elsewhere in between. Redirects are not followed.
 */
export async function postMessage(
  message: OutgoingMessage,
  options: OutgoingOptions & { bodyLimit: number },
): Promise<OutgoingAnswer> {
  const problem = findOutgoingProblem(message.url, options);
  if (problem) throw new OutgoingCallError(problem);
  const headers = { ...describeRequest(message), ...sign(message) };
  return send(new URL(message.url), { headers, text: message.text, options });
}

/** The headers of a call but for its signature. */
export function describeRequest({ id, text, at }: OutgoingMessage): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    accept: 'application/json',
    'user-agent': 'Meetings-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  };
}

function sign({ id, text, secrets, at }: OutgoingMessage): Record<string, string> {
  if (secrets.length === 0) return {};
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, text));
  return { 'webhook-signature': signatures.join(' ') };
}

const lookUp: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, options, callback);
};

interface Call {
  headers: Record<string, string>;
  text: string;
  options: OutgoingOptions & { bodyLimit: number };
}

function send(url: URL, { headers, text, options }: Call): Promise<OutgoingAnswer> {
  const isTrusted = options.allowedHosts.includes(url.hostname);
  const timeout = AbortSignal.timeout(options.timeLimitMs ?? TIME_LIMIT_MS);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  const { request } = url.protocol === 'http:' ? http : https;
  if (!isTrusted && isForbiddenAddress(url.hostname)) {
    return Promise.reject(new OutgoingCallError('The address could not be reached'));
  }
  const lookup = options.lookup ?? lookUp;
  // a connection of its own each time: nothing that was judged for one call serves another
  const route = isTrusted
    ? { agent: false, lookup }
    : {
        agent: new RequestFilteringHttpsAgent({ keepAlive: false }),
        lookup: forbidAddresses(lookup),
      };
  const requestOptions = { method: 'POST', headers, signal, ...route };
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown): void => {
      const why = timeout.aborted ? 'No answer came in time' : what;
      reject(new OutgoingCallError(why, { cause }));
      call.destroy();
    };
    const call = request(url, requestOptions, (response) => {
      const take = (body: Buffer, isCut: boolean): void => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, isCut });
        call.destroy();
      };
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size > options.bodyLimit)
          take(Buffer.concat(parts).subarray(0, options.bodyLimit), true);
      });
      response.once('end', () => take(Buffer.concat(parts), false));
      response.once('error', (error) => fail('The answer broke off', error));
    });
    call.once('error', (error) => fail('The address could not be reached', error));
    call.end(text);
  });
}
