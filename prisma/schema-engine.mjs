#!/usr/bin/env node
// Stands in for Prisma's native `schema-engine`, which the CLI would download: speaks the CLI's
// JSON-RPC over stdio and runs the same engine from npm (@prisma/schema-engine-wasm, the commit
// of @prisma/engines-version) over the pg driver adapter. prisma.config.ts points the CLI at it.
import fs from 'node:fs';
import readline from 'node:readline';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';

const require = createRequire(import.meta.url);

function parseArguments(argv) {
  const parsed = { datamodels: [], datasource: {}, rest: [] };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--datamodels') parsed.datamodels.push(argv[++i]);
    else if (argv[i] === '--datasource') parsed.datasource = JSON.parse(argv[++i]);
    else if (['--enabled-preview-features', '--extension-types'].includes(argv[i])) i++;
    else parsed.rest.push(argv[i]);
  }
  return parsed;
}

const { datamodels, datasource, rest } = parseArguments(process.argv.slice(2));
if (rest.includes('--version') || rest.includes('-V')) {
  const { version } = require('@prisma/engines-version/package.json');
  process.stdout.write(`schema-engine-cli ${version.split('.').pop()} (wasm)\n`);
  process.exit(0);
}

const { default: pg } = await import('pg');
const { PrismaPg } = await import('@prisma/adapter-pg');
const { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } =
  await import('@prisma/driver-adapter-utils');

function parseUrl(text) {
  const url = new URL(text);
  const schema = url.searchParams.get('schema') ?? 'public';
  url.searchParams.delete('schema');
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  return {
    schema,
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    url: url.toString(),
    maintenanceUrl: maintenance.toString(),
  };
}

const quote = (name) => `"${name.replaceAll('"', '""')}"`;

async function withClient(connectionString, use) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

// adapter-pg refuses the catalog's internal "char" type (oid 18, its array 1002), which the engine
// reads when it describes a schema: report those columns as text.
const TEXT_TYPES = new Map([
  [18, 25],
  [1002, 1009],
]);
function asText(result) {
  for (const field of result?.fields ?? []) {
    field.dataTypeID = TEXT_TYPES.get(field.dataTypeID) ?? field.dataTypeID;
  }
  return result;
}
class CatalogClient extends pg.Client {
  constructor(...args) {
    super(...args);
    // dropping the shadow database may still end a connection that is closing: that is no failure
    this.on('error', () => {});
  }
  query(...args) {
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      args[args.length - 1] = (error, result) => callback(error, asText(result));
      return super.query(...args);
    }
    const answer = super.query(...args);
    return typeof answer?.then === 'function' ? answer.then(asText) : answer;
  }
}

// The one "char" column that the engine reads as a character and not as text: a CHECK constraint in
// the database would else end it.
function asCharacter(result) {
  const at = result.columnNames.indexOf('constraint_type');
  if (at >= 0) result.columnTypes[at] = ColumnTypeEnum.Character;
  return result;
}

async function openAdapter(connectionString, schema, afterDispose = async () => {}) {
  const pool = new pg.Pool({ connectionString, Client: CatalogClient, max: 4 });
  // an idle connection that breaks must not end the process: its next use reports the error
  pool.on('error', () => {});
  const adapter = await new PrismaPg(pool, { schema, disposeExternalPool: true }).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => asCharacter(await queryRaw(query));
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    await dispose();
    await afterDispose();
  };
  return adapter;
}

// adapter-pg's own connectToShadowDb() spreads {connectionString, database}; pg lets the connection
// string win, so it would "shadow" the main database and reset it. Never use it.
const makeFactory = (target, shadowUrl) => ({
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  connect: () => openAdapter(target.url, target.schema),
  connectToShadowDb: async () => {
    if (shadowUrl) {
      const shadow = parseUrl(shadowUrl);
      return openAdapter(shadow.url, shadow.schema);
    }
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    await withClient(target.url, (client) => client.query(`CREATE DATABASE ${quote(name)}`));
    const url = new URL(target.url);
    url.pathname = `/${name}`;
    return openAdapter(url.toString(), 'public', () =>
      withClient(target.url, (client) =>
        client.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`),
      ),
    );
  },
});

async function createDatabase(text) {
  const target = parseUrl(text);
  try {
    await withClient(target.url, async () => {});
  } catch (error) {
    if (error.code !== '3D000') throw error;
    await withClient(target.maintenanceUrl, (client) =>
      client.query(`CREATE DATABASE ${quote(target.database)}`),
    );
  }
  if (target.schema !== 'public') {
    await withClient(target.url, (client) =>
      client.query(`CREATE SCHEMA IF NOT EXISTS ${quote(target.schema)}`),
    );
  }
  return target.database;
}

function logLine(level, message, extra = {}) {
  const line = {
    timestamp: new Date().toISOString(),
    level,
    fields: { message, ...extra },
    target: 'schema_engine::logger',
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

const CONNECTION_FAILURES = {
  '3D000': ['P1003', (target) => `Database \`${target?.database}\` does not exist`],
  '28P01': ['P1000', () => 'Authentication failed against the database server.'],
};

async function runCliCommand(command) {
  const target = datasource.url ? parseUrl(datasource.url) : undefined;
  const commands = {
    'can-connect-to-database': () => withClient(target.url, (client) => client.query('SELECT 1')),
    'create-database': () => createDatabase(datasource.url),
    'drop-database': () =>
      withClient(target.maintenanceUrl, (client) =>
        client.query(`DROP DATABASE IF EXISTS ${quote(target.database)}`),
      ),
  };
  try {
    if (!commands[command]) throw new Error(`Expected a known cli command, got ${command}`);
    await commands[command]();
    return 0;
  } catch (error) {
    const [error_code, describe] = CONNECTION_FAILURES[error.code] ?? [
      'P1001',
      () => `Can't reach database server: ${error.message || error.code}`,
    ];
    logLine('INFO', 'schema engine (wasm)'); // the CLI skips the first line
    logLine('ERROR', describe(target), { is_panic: false, error_code });
    return 1;
  }
}

const cliAt = rest.indexOf('cli');
if (cliAt >= 0) process.exit(await runCliCommand(rest[cliAt + 1]));

let panic;
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message: (message) => {
    panic = `RuntimeError: ${message}`;
  },
};

// A panic ends the native engine with code 101; without this it would pass for an empty answer.
process.on('uncaughtException', (error) => {
  logLine('ERROR', panic ?? error.message, { is_panic: true, backtrace: error.stack });
  process.exit(101);
});

async function loadWasm() {
  const gluePath = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const glue = await import(gluePath);
  const bytes = fs.readFileSync(gluePath.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

let boundAdapter;
async function openEngine({ anyDatabase }) {
  if (!datasource.url) {
    throw Object.assign(new Error('Expected DATABASE_URL to be set.'), { code: 'P1012' });
  }
  const target = parseUrl(datasource.url);
  // `migrate diff` between files needs a connection, but no particular database
  if (anyDatabase) {
    await withClient(target.url, async () => {}).catch((error) => {
      if (error.code !== '3D000') throw error;
      target.url = target.maintenanceUrl;
    });
  }
  boundAdapter = bindMigrationAwareSqlAdapterFactory(
    makeFactory(target, datasource.shadowDatabaseUrl),
  );
  const models = datamodels.map((file) => [file, fs.readFileSync(file, 'utf8')]);
  const SchemaEngine = await loadWasm();
  return SchemaEngine.new(
    { datamodels: models.length ? models : undefined },
    () => {},
    boundAdapter,
  );
}

let enginePromise;
const engine = (options = {}) => (enginePromise ??= openEngine(options));

const ownMethods = {
  createDatabase: async (params) => ({
    databaseName: await createDatabase(params?.datasource?.url ?? datasource.url),
  }),
  getDatabaseVersion: async (params) => (await engine()).version(params),
  dbExecute: async (params) => {
    const { url } = parseUrl(params.datasourceType.url ?? datasource.url);
    await withClient(url, (client) => client.query(params.script));
    return null;
  },
};

async function call(method, params) {
  if (ownMethods[method]) return ownMethods[method](params);
  const opened = await engine({ anyDatabase: method === 'diff' });
  if (typeof opened[method] !== 'function') {
    throw new Error(`Expected a method of the schema engine, got ${method}`);
  }
  return (await opened[method](params ?? {})) ?? null;
}

/** The adapter keeps the real error under a number that the engine's message mentions. */
function describe(error) {
  // an AggregateError has no message of its own
  const message = error?.message || error?.errors?.[0]?.message || String(error);
  const id = /\bid[: ]+(\d+)/.exec(message)?.[1];
  const original = id && boundAdapter?.errorRegistry?.consumeError(Number(id));
  return original?.error?.message || original?.error?.code || message;
}

const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

async function answer(request) {
  try {
    const result = await call(request.method, request.params);
    if (request.method === 'diff' && typeof result?.stdout === 'string') {
      send({ id: `p${request.id}`, method: 'print', params: { content: result.stdout } });
    }
    send({ id: request.id, result });
  } catch (error) {
    const code = error?.code ?? error?.error_code;
    const message = describe(error);
    const data = { is_panic: false, message: panic ?? message, meta: null };
    if (typeof code === 'string') data.error_code = code;
    send({ id: request.id, error: { code: 4466, message, data } });
  }
}

let queue = Promise.resolve();
const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on('line', (line) => {
  if (!line.trim()) return;
  const request = JSON.parse(line);
  if (request.method) queue = queue.then(() => answer(request));
});
lines.on('close', () => queue.finally(() => process.exit(0)));
