import { createHash } from 'node:crypto';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_INTERVAL_MS = 500;

/**
 * Does `work` while no other process of this machine does what has the same name. The turn is a
 * socket in Linux' abstract namespace: however its process ends, the system gives it back.
 */
export async function takeTurn<Result>(
  name: string,
  work: () => Promise<Result>,
  onWait: () => void = () => undefined,
): Promise<Result> {
  const address = `\0meetings-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  let turn = await tryListen(address);
  if (turn === null) onWait();
  while (turn === null) {
    await sleep(LOOK_INTERVAL_MS);
    turn = await tryListen(address);
  }
  try {
    return await work();
  } finally {
    turn.close();
  }
}

function tryListen(address: string): Promise<net.Server | null> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}
