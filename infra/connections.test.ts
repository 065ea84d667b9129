import { readApiConfig } from './config';
import { databaseUrl, redisAddress, temporalAddress } from './connections';

const SETTINGS = {
  DATABASE_URL: 'postgresql://vexa@db.example.com:5432/vexa?sslmode=verify-full',
  REDIS_URL: 'rediss://redis.example.com:6379',
  BOT_TOKEN_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  AUDIO_DIR: '/tmp/audio',
  CLERK_PUBLISHABLE_KEY: 'pk_test_x',
  CLERK_SECRET_KEY: 'sk_test_x',
};
const read = (more: Record<string, string>) => readApiConfig({ ...SETTINGS, ...more });

describe('databaseUrl', () => {
  test('puts a password of any signs into the address', () => {
    const url = databaseUrl(read({ DATABASE_PASSWORD: 'a/b+c=@:%41 ?#é' }));
    expect(decodeURIComponent(new URL(url).password)).toBe('a/b+c=@:%41 ?#é');
    expect(new URL(url).host).toBe('db.example.com:5432');
    expect(new URL(url).search).toBe('?sslmode=verify-full');
  });

  test('leaves an address without a password of its own alone', () => {
    expect(databaseUrl(read({}))).toBe(SETTINGS.DATABASE_URL);
  });
});

describe('redisAddress', () => {
  test('is the address and the password where no Sentinel is', () => {
    expect(redisAddress(read({ REDIS_PASSWORD: 'secret' }))).toEqual({
      url: 'rediss://redis.example.com:6379',
      password: 'secret',
    });
  });

  test('names Sentinels, their master and their password', () => {
    const config = read({
      REDIS_SENTINELS: 'one.example.com:26379, two.example.com:26380',
      REDIS_SENTINEL_MASTER: 'meetings',
      REDIS_SENTINEL_PASSWORD: 'other',
    });
    expect(redisAddress(config).sentinels).toEqual({
      hosts: [
        { host: 'one.example.com', port: 26379 },
        { host: 'two.example.com', port: 26380 },
      ],
      master: 'meetings',
      password: 'other',
    });
  });

  test('refuses Sentinels without a port', () => {
    expect(() => read({ REDIS_SENTINELS: 'one.example.com' })).toThrow(/host:port/);
  });
});

describe('temporalAddress', () => {
  test('encrypts and carries the key where both are set', () => {
    const config = read({ TEMPORAL_TLS: 'true', TEMPORAL_API_KEY: 'key' });
    expect(temporalAddress(config)).toEqual({
      address: '127.0.0.1:7233',
      tls: true,
      apiKey: 'key',
    });
  });

  test('refuses to send the key in the clear', () => {
    expect(() => read({ TEMPORAL_API_KEY: 'key' })).toThrow(/TEMPORAL_TLS=true/);
  });
});
