import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { PORTS, readPorts } from '../temporal-dev/ports';
import {
  audioStoreConfig,
  encryptionKeys,
  readApiConfig,
  readWorkerConfig,
  SETTING_NAMES,
  speechConfig,
} from './config';

type Environment = Record<string, string | undefined>;

/** `.env.example` with every setting switched on. */
function readExample(): Environment {
  const text = readFileSync(path.join(__dirname, '../.env.example'), 'utf8');
  return parseEnv(text.replace(/^#(?=[A-Z0-9_]+=)/gm, ''));
}

const COMMON: Environment = {
  DATABASE_URL: 'postgresql://127.0.0.1:5433/meetings',
  REDIS_URL: 'redis://127.0.0.1:6380',
  BOT_TOKEN_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  AUDIO_DIR: '/tmp/audio',
};
const API: Environment = {
  ...COMMON,
  CLERK_PUBLISHABLE_KEY: 'pk_test_x',
  CLERK_SECRET_KEY: 'sk_test_x',
};
const LOCAL_API: Environment = {
  ...COMMON,
  AUTH_MODE: 'local',
  CLERK_JWT_KEY: 'public',
  LOCAL_AUTH_PRIVATE_KEY: 'private',
};
const WORKER: Environment = { ...COMMON, WHISPER_URL: 'http://127.0.0.1:8005', BOT_DIR: '/tmp' };

describe('.env.example', () => {
  const example = readExample();
  const onDisk = { ...example, S3_BUCKET: '', TTS_COMMAND: '' };
  const inBucket = { ...example, AUDIO_DIR: '' };

  test('lists every setting of API, workers and the local ports', () => {
    const wanted = [...SETTING_NAMES, ...Object.values(PORTS).map(({ setting }) => setting)];
    expect(wanted.filter((name) => example[name] === undefined)).toEqual([]);
  });

  test('lists no setting that nothing reads', () => {
    const known = new Set([
      ...SETTING_NAMES,
      ...Object.values(PORTS).map(({ setting }) => setting),
      'STACK_DIR',
      'WEB_API_URL',
      'API_INTERNAL_URL',
    ]);
    const rest = Object.keys(example).filter((name) => !known.has(name));
    expect(rest.filter((name) => !name.startsWith('BOT_'))).toEqual([]);
  });

  test('holds values that API, workers, bots and the local stack accept', () => {
    expect(audioStoreConfig(readApiConfig(onDisk))).toMatchObject({ kind: 'disk' });
    expect(audioStoreConfig(readWorkerConfig(inBucket))).toMatchObject({ kind: 's3' });
    const speaking = {
      ...onDisk,
      ...{ TTS_COMMAND: example['TTS_COMMAND'], TTS_URL: '', TTS_API_KEY: '' },
    };
    expect(speechConfig(readApiConfig(speaking))).toMatchObject({ kind: 'command' });
    expect(speechConfig(readApiConfig(onDisk))).toMatchObject({ kind: 'endpoint' });
    expect(readPorts(example)).toMatchObject({ postgres: 5433, temporalUi: 8233 });
  });

  test('names the defaults as they are', () => {
    const { API_PORT, AUTH_MODE, TEMPORAL_UI_URL, ...api } = readApiConfig(API);
    const { BOT_ENTRY_MESSAGE, TTS_MODEL, TTS_VOICE } = api;
    const limits = Object.entries(api).filter(([name]) => /^(RATE_LIMIT|MAX|TRUST)_/.test(name));
    expect(limits.length).toBeGreaterThan(10);
    expect(example).toMatchObject(
      Object.fromEntries(limits.map(([name, value]) => [name, String(value)])),
    );
    const { OPENAI_MODEL, OPENAI_CONTEXT_TOKENS, WHISPER_CONCURRENCY } = readWorkerConfig(WORKER);
    const ours = { BOT_ENTRY_MESSAGE, TTS_MODEL, TTS_VOICE };
    const defaults = { API_PORT, AUTH_MODE, TEMPORAL_UI_URL, OPENAI_MODEL, ...ours };
    expect(example).toMatchObject(
      Object.fromEntries(
        Object.entries({ ...defaults, OPENAI_CONTEXT_TOKENS, WHISPER_CONCURRENCY }).map(
          ([name, value]) => [name, String(value)],
        ),
      ),
    );
  });
});

describe('readApiConfig', () => {
  const explain = (env: Environment): string => {
    try {
      readApiConfig(env);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('lists every problem at once', () => {
    const message = explain({ ...API, DATABASE_URL: 'mysql://x', API_PORT: '8080abc' });
    expect(message).toContain('DATABASE_URL');
    expect(message).toContain('API_PORT');
  });

  test('takes a blank setting for one that is not set', () => {
    expect(readApiConfig({ ...API, API_PORT: '', S3_BUCKET: '  ' }).API_PORT).toBe(8000);
  });

  test('wants exactly one place for audio', () => {
    const expected = 'Expected either AUDIO_DIR (disk) or S3_BUCKET';
    expect(explain({ ...API, AUDIO_DIR: undefined })).toContain(expected);
    expect(explain({ ...API, S3_BUCKET: 'audio' })).toContain(expected);
  });

  test('starts in local mode on loopback only, and never in production', () => {
    expect(explain(LOCAL_API)).toBe('');
    expect(explain({ ...LOCAL_API, API_HOST: '0.0.0.0' })).toContain('loopback only');
    expect(explain({ ...LOCAL_API, NODE_ENV: 'production' })).toContain('Expected clerk');
  });

  test('wants Clerk’s keys unless it is told to be local', () => {
    expect(explain(COMMON)).toContain('CLERK_PUBLISHABLE_KEY');
    expect(explain({ ...API, CLERK_SECRET_KEY: undefined, CLERK_JWT_KEY: 'public' })).toBe('');
  });

  test('refuses an encryption key that is not 32 bytes', () => {
    expect(explain({ ...API, ENCRYPTION_KEY: Buffer.alloc(16).toString('base64') })).toContain(
      'Expected 32 bytes',
    );
  });

  test('takes old encryption keys to decrypt with, behind the one that encrypts', () => {
    const old = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const read = readApiConfig({ ...API, ENCRYPTION_OLD_KEYS: old.join(', ') });
    expect(encryptionKeys(read)).toEqual([API['ENCRYPTION_KEY'], ...old]);
    expect(encryptionKeys(readApiConfig(API))).toEqual([API['ENCRYPTION_KEY']]);
    expect(explain({ ...API, ENCRYPTION_OLD_KEYS: 'c2hvcnQ=' })).toContain('Expected 32 bytes');
  });

  test('takes one way to speak, whole', () => {
    const endpoint = { TTS_URL: 'https://tts.example.com/v1', TTS_API_KEY: 'key' };
    expect(speechConfig(readApiConfig(API))).toBeNull();
    expect(explain({ ...API, TTS_URL: endpoint.TTS_URL })).toContain('TTS_API_KEY');
    expect(explain({ ...API, ...endpoint, TTS_COMMAND: 'speak' })).toContain('not both');
  });

  test('cannot be changed once it is read', () => {
    expect(Object.isFrozen(readApiConfig(API))).toBe(true);
  });
});

describe('readWorkerConfig', () => {
  test('wants a key for a language model that has an address', () => {
    const OPENAI_BASE_URL = 'http://127.0.0.1:11434/v1';
    expect(() => readWorkerConfig({ ...WORKER, OPENAI_BASE_URL })).toThrow('OPENAI_API_KEY');
    expect(readWorkerConfig({ ...WORKER, OPENAI_BASE_URL, OPENAI_API_KEY: 'any' })).toMatchObject({
      OPENAI_MODEL: 'gpt-4.1-mini',
    });
  });

  test('never shows a secret in what it complains about', () => {
    const secret = 'short-secret';
    expect(() => readWorkerConfig({ ...WORKER, BOT_TOKEN_SECRET: secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    );
  });
});
