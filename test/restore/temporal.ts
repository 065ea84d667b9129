import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { findStackDir } from '../../temporal-dev/folders';
import { ManagedProcess, readLastLines } from '../../temporal-dev/managed-process';
import { findFreePorts } from '../../temporal-dev/ports';
import { prepareTemporalServer } from '../../temporal-dev/tools/temporal-server';

/*
 * Temporal as in the cluster: its own server with two databases in PostgreSQL, made by the tool that
 * the chart's Job runs.
 */

/** How long the first start may take, for hooks: the server is built then. */
export const TEMPORAL_BUILD_MS = 20 * 60_000;
const READY_TIMEOUT_MS = 120_000;
const PLUGIN = 'postgres12_pgx';
/** Their names in the chart, and the schema of each. */
export const TEMPORAL_DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' };

/** Where its databases are, and as whom. */
export interface Place {
  host: string;
  port: number;
  user: string;
  password: string;
}

export interface RealTemporal {
  address: string;
  /** Makes both databases, which must not be there, with all their tables. */
  makeDatabases(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing runs yet, and nothing is in PostgreSQL. */
export async function makeTemporal(directory: string, place: Place): Promise<RealTemporal> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const programs = await prepareTemporalServer(tools, say);
  const ports = Object.values(await findFreePorts());
  const configFile = path.join(directory, 'temporal.json');
  fs.writeFileSync(configFile, JSON.stringify(describeServer(place, ports)));
  const logPath = path.join(directory, 'temporal.log');
  const address = `127.0.0.1:${ports[0]}`;
  let server: ManagedProcess | undefined;
  return {
    address,
    makeDatabases: () => makeDatabases(programs.sqlTool, place),
    async start() {
      server = await ManagedProcess.start(
        {
          command: programs.server,
          args: ['--config-file', configFile, '--allow-no-auth', 'start'],
          env: { PATH: process.env.PATH, HOME: directory },
          cwd: directory,
          graceMs: 20_000,
        },
        { logPath, recordPath: path.join(directory, 'temporal-process.json') },
      );
      await untilServing(address, server, logPath);
    },
    stop: async () => server?.stop(),
  };
}

async function makeDatabases(sqlTool: string, place: Place): Promise<void> {
  const connection = ['--plugin', PLUGIN, '--ep', place.host, '--port', String(place.port)];
  const env = { ...process.env, SQL_USER: place.user, SQL_PASSWORD: place.password };
  for (const [database, schema] of Object.entries(TEMPORAL_DATABASES)) {
    const run = (...args: string[]): Promise<unknown> =>
      promisify(execFile)(sqlTool, [...connection, '--db', database, ...args], { env });
    await run('create-database');
    await run('setup-schema', '--version', '0.0');
    await run('update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
}

/** As the chart's values have it, but for fewer shards and connections. */
function describeServer(place: Place, ports: number[]): object {
  const services = ['frontend', 'history', 'matching', 'worker'];
  const rpc = (index: number): object => ({
    ...{ grpcPort: ports[2 * index], membershipPort: ports[2 * index + 1] },
    bindOnIP: '127.0.0.1',
  });
  const store = (databaseName: string): object => ({
    sql: {
      ...{ pluginName: PLUGIN, databaseName, connectProtocol: 'tcp' },
      connectAddr: `${place.host}:${place.port}`,
      ...{ user: place.user, password: place.password, maxConns: 10, maxIdleConns: 10 },
    },
  });
  const [main = '', visibility = ''] = Object.keys(TEMPORAL_DATABASES);
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: 4 },
      datastores: { default: store(main), visibility: store(visibility) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(services.map((name, index) => [name, { rpc: rpc(index) }])),
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: {
          ...{ enabled: true, initialFailoverVersion: 1, rpcName: 'frontend' },
          rpcAddress: `127.0.0.1:${ports[0]}`,
        },
      },
    },
  };
}

/** Its parts find one another first: until then it answers, and cannot do anything. */
async function untilServing(
  address: string,
  server: ManagedProcess,
  logPath: string,
): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (server.isRunning && performance.now() < deadlineMs) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '2s' });
      await connection.workflowService
        .listNamespaces({ pageSize: 1 })
        .finally(() => connection.close());
      return;
    } catch {
      await pause(200);
    }
  }
  throw new Error(`Expected Temporal to serve:\n${readLastLines(logPath, 12).join('\n')}`);
}
