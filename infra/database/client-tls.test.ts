import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { createTestDatabase } from '../../test/database';
import { runCommand } from '../../temporal-dev/tools/run-command';

/** What a client sends first when it wants TLS: 8 bytes, the second four being this number. */
const SSL_REQUEST = 80_877_103;

let folder: string;
let server: Server;
let database: { url: string; drop(): Promise<void> };
/** Connections that were encrypted. */
let encrypted = 0;

/** PostgreSQL behind TLS as PostgreSQL does it: asked for in the clear, then encrypted. */
function startEncryptedServer(): Server {
  const { hostname, port } = new URL(database.url);
  const key = readFileSync(path.join(folder, 'key.pem'));
  const cert = readFileSync(path.join(folder, 'certificate.pem'));
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      if (first.readInt32BE(4) !== SSL_REQUEST) return socket.destroy();
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, key, cert });
      secure.once('secure', () => (encrypted += 1));
      const inner = connect(Number(port), hostname);
      secure.pipe(inner).pipe(secure);
      for (const end of [secure, inner]) end.on('error', () => socket.destroy());
    });
  }).listen(0, '127.0.0.1');
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'postgresql-tls-'));
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'certificate.pem')],
      ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  database = await createTestDatabase();
  server = startEncryptedServer();
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  encrypted = 0;
});

const ASK = `
const { createDatabase } = require('./infra/database/client.ts');
const db = createDatabase({ url: process.argv[1] });
Promise.all([db.query('SELECT 1 AS one'), db.prisma.user.count()])
  .then(([{ rows }, users]) => console.log(rows[0].one, users), (error) => console.log(error.message))
  .finally(() => db.close());
`;

async function ask(sslMode: string, authority?: string): Promise<string> {
  const url = new URL(database.url);
  url.hostname = 'localhost';
  url.port = String((server.address() as AddressInfo).port);
  url.searchParams.set('sslmode', sslMode);
  const { output } = await runCommand(process.execPath, ['--import', 'tsx', '-e', ASK, url.href], {
    cwd: path.resolve(__dirname, '../..'),
    env: { ...process.env, ...(authority ? { NODE_EXTRA_CA_CERTS: authority } : {}) },
  });
  return output.trim();
}

describe('a database whose address asks for TLS', () => {
  test('is encrypted and checked with sslmode=verify-full and its authority', async () => {
    expect(await ask('verify-full', path.join(folder, 'certificate.pem'))).toBe('1 0');
    expect(encrypted).toBeGreaterThan(0);
  });

  test('is refused with sslmode=verify-full when its authority is unknown', async () => {
    expect(await ask('verify-full')).toContain('self-signed certificate');
  });

  test('is encrypted and not checked with sslmode=no-verify', async () => {
    expect(await ask('no-verify')).toBe('1 0');
    expect(encrypted).toBeGreaterThan(0);
  });
});
