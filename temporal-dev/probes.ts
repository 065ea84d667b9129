import net from 'node:net';

/** Whether anything listens on the port of this machine. */
export function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 2_000 });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

/** Whether the URL answers at all (`any`) or with success (`ok`). */
export async function answers(url: string, expected: 'any' | 'ok'): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return expected === 'any' || response.ok;
  } catch {
    return false;
  }
}
