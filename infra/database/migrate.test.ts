import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { applyMigrations } from './migrate';

const ROOT = path.resolve(__dirname, '../..');
const PRISMA = path.join(ROOT, 'node_modules/prisma/build/index.js');

describe('applyMigrations', () => {
  const serverUrl = process.env.DATABASE_URL ?? '';
  let folder: string;
  let url: string;
  let name: string;

  async function query(connectionString: string, sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  async function addMigration(migration: string, sql: string): Promise<void> {
    await mkdir(path.join(folder, migration), { recursive: true });
    await writeFile(path.join(folder, migration, 'migration.sql'), sql);
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
    name = `migrate_${randomUUID().replaceAll('-', '')}`;
    await query(serverUrl, `CREATE DATABASE ${name}`);
    const own = new URL(serverUrl);
    own.pathname = `/${name}`;
    url = own.href;
  });

  afterEach(async () => {
    await query(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    await rm(folder, { recursive: true });
  });

  test('applies what is missing in order of name, and nothing the second time', async () => {
    await addMigration('2_second', 'ALTER TABLE a ADD COLUMN y int');
    await addMigration('1_first', 'CREATE TABLE a (x int)');

    expect(await applyMigrations(url, folder)).toEqual(['1_first', '2_second']);
    expect(await applyMigrations(url, folder)).toEqual([]);
  });

  test('applies each migration once when several processes start together', async () => {
    await addMigration('1_first', 'CREATE TABLE a (x int); INSERT INTO a VALUES (1)');

    const applied = await Promise.all([1, 2, 3, 4].map(() => applyMigrations(url, folder)));

    expect(applied.flat()).toEqual(['1_first']);
    expect((await query(url, 'SELECT x FROM a')).rows).toEqual([{ x: 1 }]);
  });

  test('leaves nothing of a migration that fails half-way, and applies it once it is mended', async () => {
    await addMigration('1_first', 'CREATE TABLE a (x int); CREATE TABLE a (x int)');
    await expect(applyMigrations(url, folder)).rejects.toThrow(/1_first failed .* already exists/);

    await addMigration('1_first', 'CREATE TABLE a (x int)');
    expect(await applyMigrations(url, folder)).toEqual(['1_first']);
  });

  test('refuses a migration that was changed after it was applied', async () => {
    await addMigration('1_first', 'CREATE TABLE a (x int)');
    await applyMigrations(url, folder);
    await addMigration('1_first', 'CREATE TABLE a (x bigint)');

    await expect(applyMigrations(url, folder)).rejects.toThrow(/1_first was changed after/);
  });

  test("Prisma's own CLI finds the database up to date and as the schema says", async () => {
    await cp(path.join(ROOT, 'prisma/migrations'), folder, { recursive: true });
    await applyMigrations(url, folder);
    const prisma = (...args: string[]) =>
      promisify(execFile)(process.execPath, [PRISMA, ...args], {
        cwd: ROOT,
        env: { ...process.env, DATABASE_URL: url, CHECKPOINT_DISABLE: '1' },
      });

    const deploy = await prisma('migrate', 'deploy');
    expect(deploy.stdout).toContain('No pending migrations to apply');
    // ends with code 2, and so rejects, when they differ
    const diff = await prisma(
      ...['migrate', 'diff', '--exit-code'],
      ...['--from-config-datasource', '--to-schema', 'prisma/schema.prisma'],
    );
    expect(diff.stdout).toContain('No difference detected');
  });
});
