import { randomUUID } from 'node:crypto';
import {
  makeSessionToken,
  startTestApi,
  TestSocket,
  type TestApi,
  type TestApiOptions,
} from './api-server';

export async function signIn(sub = `user_${randomUUID()}`): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await makeSessionToken({ sub })}` };
}

export const list = (api: TestApi, headers: Record<string, string> = {}) =>
  api.http.get('/api/meetings').set(headers);

/** The statuses of so many requests, one after the other. */
export async function statusesOf(count: number, ask: () => PromiseLike<{ status: number }>) {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await ask()).status);
  return statuses;
}

/** Servers and sockets that end with the test that opened them. */
export function setUpLimits() {
  const running: { close(): unknown }[] = [];
  const sockets: TestSocket[] = [];
  afterEach(async () => {
    for (const each of sockets.splice(0)) each.socket.terminate();
    for (const each of running.splice(0).reverse()) await each.close();
  });

  async function start(settings: Record<string, string>, more: TestApiOptions = {}) {
    const api = await startTestApi({ settings, ...more });
    running.push(api);
    return api;
  }

  async function open(api: TestApi, headers = {}): Promise<TestSocket> {
    const socket = new TestSocket(api.url, headers);
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.socket.once('open', () => resolve());
      socket.socket.once('error', reject);
    });
    return socket;
  }

  /** Opens a socket and shows a token: `ready`, or the code it was closed with. */
  async function signInOn(api: TestApi, token: string): Promise<'ready' | number> {
    const socket = await open(api);
    socket.send({ type: 'auth', token });
    return Promise.race([
      socket.waitForClose(),
      socket.waitFor((frame) => frame.type === 'ready').then(() => 'ready' as const),
    ]).catch(() => socket.waitForClose());
  }

  return { running, sockets, start, open, signInOn };
}
