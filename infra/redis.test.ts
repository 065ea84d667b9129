import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { findStackDir } from '../temporal-dev/folders';
import { preparePython } from '../temporal-dev/tools/python';
import { prepareRedis, type RedisTool } from '../temporal-dev/tools/redis';
import { runCommand } from '../temporal-dev/tools/run-command';
import { createDoorbell, type Doorbell } from './doorbell';
import { openRedis } from './redis';

const PASSWORD = 'p@ss/word+=';
let tool: RedisTool;
let folder: string;
const children: ChildProcess[] = [];
const servers: Server[] = [];
const bells: Doorbell[] = [];

beforeAll(async () => {
  const tools = path.join(findStackDir(process.env), 'tools');
  const { python } = await preparePython(tools, () => undefined);
  tool = await prepareRedis(tools, python, () => undefined);
  folder = mkdtempSync(path.join(tmpdir(), 'redis-test-'));
});

afterEach(async () => {
  await Promise.all(bells.splice(0).map((bell) => bell.close()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startRedis(
  args: string[],
  at?: number,
): Promise<{ port: number; process: ChildProcess }> {
  const port = at ?? (await findPort());
  const child = spawn(
    tool.command,
    [...args, '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    { env: { ...process.env, ...tool.env }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  children.push(child);
  let said = '';
  for await (const text of child.stdout) {
    said += String(text);
    if (/ready to accept connections|monitor master/i.test(said)) break;
  }
  return { port, process: child };
}

/** Two listeners hear each other only when both connections of both stand. */
async function waitUntilHeard(from: Doorbell, to: Doorbell): Promise<void> {
  await new Promise<void>((resolve) => {
    const again = setInterval(() => from.ring('meeting', 7), 50);
    const stop = to.listen('meeting', (meetingId) => {
      if (meetingId !== 7) return;
      clearInterval(again);
      stop();
      resolve();
    });
  });
}

describe('a doorbell', () => {
  test('rings at a Redis with a password that was given apart', async () => {
    const { port } = await startRedis(['--requirepass', PASSWORD]);
    const address = { url: `redis://127.0.0.1:${port}`, password: PASSWORD };
    bells.push(createDoorbell(address), createDoorbell(address));
    const [one, other] = bells;
    if (one && other) await waitUntilHeard(one, other);
  });

  test('is silent at a Redis with another password, until it is made with that one', async () => {
    const first = await startRedis(['--requirepass', PASSWORD]);
    const at = (password: string) => ({ url: `redis://127.0.0.1:${first.port}`, password });
    const errors: string[] = [];
    const onConnectionError = ({ message }: Error): void => void errors.push(message);
    const left = createDoorbell({ ...at(PASSWORD), onConnectionError });
    const other = createDoorbell(at(PASSWORD));
    bells.push(left, other);
    await waitUntilHeard(left, other);
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    await startRedis(['--requirepass', 'another'], first.port);
    const [one, two] = [createDoorbell(at('another')), createDoorbell(at('another'))];
    bells.push(one, two);
    while (!errors.some((message) => message.includes('WRONGPASS'))) await nextTurn();
    const heard: number[] = [];
    one.listen('meeting', (meetingId) => heard.push(meetingId));
    left.ring('meeting', 8);
    await waitUntilHeard(two, one);
    expect([heard.includes(8), left.isConnected()]).toEqual([false, false]);
  });

  test('rings on at the replica that the Sentinels make the master when it was killed', async () => {
    const secured = ['--requirepass', PASSWORD, '--masterauth', PASSWORD];
    const master = await startRedis(secured);
    const replica = await startRedis([
      ...secured,
      ...['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
    ]);
    const file = path.join(folder, 'sentinel.conf');
    writeFileSync(
      file,
      [
        `sentinel monitor meetings 127.0.0.1 ${master.port} 1`,
        `sentinel auth-pass meetings "${PASSWORD}"`,
        'sentinel down-after-milliseconds meetings 500',
        'sentinel failover-timeout meetings 5000',
        'requirepass "of the sentinel"',
        '',
      ].join('\n'),
    );
    const sentinel = await startRedis([file, '--sentinel']);
    const hosts = [
      { host: '127.0.0.1', port: await findPort() },
      { host: '127.0.0.1', port: sentinel.port },
    ];
    const address = {
      url: 'redis://not-used',
      password: PASSWORD,
      sentinels: { hosts, master: 'meetings', password: 'of the sentinel' },
    };
    const one = createDoorbell(address);
    const other = createDoorbell(address);
    bells.push(one, other);
    await waitUntilHeard(one, other);
    await untilSentinelKnows(sentinel.port, replica.port);

    master.process.kill('SIGKILL');
    const looking = openRedis(
      { url: `redis://127.0.0.1:${replica.port}`, password: PASSWORD },
      { maxRetriesPerRequest: null },
    );
    while (!(await looking.info('replication')).includes('role:master')) await nextTurn();
    looking.disconnect();
    await waitUntilHeard(one, other);
  });

  test('rings through TLS, and not where the certificate is of an unknown authority', async () => {
    const { port } = await startRedis(['--requirepass', PASSWORD]);
    const { key, cert } = makeCertificate();
    const server = createTlsServer({ key, cert }, (socket) => {
      const inner = connect(port, '127.0.0.1');
      socket.pipe(inner).pipe(socket);
      for (const end of [socket, inner]) end.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const url = `rediss://localhost:${(server.address() as AddressInfo).port}`;
    const refused = openRedis({ url, password: PASSWORD }, { maxRetriesPerRequest: null });
    const [error] = (await once(refused, 'error').catch((reason: unknown) => [reason])) as [Error];
    refused.disconnect();
    expect(String(error)).toMatch(/self-signed certificate/);

    // the authority is known to a process that was started with NODE_EXTRA_CA_CERTS
    const { output } = await runCommand(
      process.execPath,
      ['--import', 'tsx', '-e', PING, JSON.stringify({ url, password: PASSWORD })],
      {
        cwd: path.resolve(__dirname, '..'),
        env: { ...process.env, NODE_EXTRA_CA_CERTS: path.join(folder, 'certificate.pem') },
      },
    );
    expect(output.trim()).toBe('PONG');
  });
});

const PING = `
const { openRedis } = require('./infra/redis.ts');
const redis = openRedis(JSON.parse(process.argv[1]), { maxRetriesPerRequest: 1 });
redis.ping().then((answer) => { console.log(answer); redis.disconnect(); });
`;

async function untilSentinelKnows(sentinelPort: number, replicaPort: number): Promise<void> {
  const sentinel = openRedis(
    { url: `redis://127.0.0.1:${sentinelPort}`, password: 'of the sentinel' },
    { maxRetriesPerRequest: null },
  );
  const known = async (): Promise<string> =>
    JSON.stringify(await sentinel.call('SENTINEL', 'replicas', 'meetings'));
  for (let state = await known(); ; state = await known()) {
    if (state.includes(String(replicaPort)) && state.includes('"master-link-status","ok"')) break;
    await nextTurn();
  }
  sentinel.disconnect();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
}

function makeCertificate(): { key: Buffer; cert: Buffer } {
  const key = path.join(folder, 'key.pem');
  const cert = path.join(folder, 'certificate.pem');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
