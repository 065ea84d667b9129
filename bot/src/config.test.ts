import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBotConfig, readDeliveryConfig } from './config';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bot-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function writeSelectors(content: unknown): Promise<string> {
  const file = join(folder, 'selectors.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

const given = {
  BOT_API_URL: 'http://127.0.0.1:8000/',
  BOT_TOKEN: 'secret',
  BOT_SPOOL_DIR: '/var/spool/bot',
};

describe('the settings of the bot', () => {
  test('are those of .env.example', () => {
    const text = readFileSync(join(__dirname, '../../.env.example'), 'utf8');
    const example = Object.fromEntries(
      [...text.matchAll(/^#(BOT_[A-Z_]+)=(.*)$/gm)].map(([, name = '', value]) => [name, value]),
    );
    // names a file that is on no machine of ours
    expect(readBotConfig({ ...example, BOT_SELECTORS_FILE: '' })).toMatchObject({
      isHeadless: true,
    });
  });

  test('take defaults where nothing or an empty text is given', () => {
    expect(readBotConfig({ ...given, BOT_LOG_LEVEL: '', BOT_HEADLESS: '' })).toMatchObject({
      apiUrl: 'http://127.0.0.1:8000',
      logLevel: 'info',
      isHeadless: true,
    });
  });

  test('name the browser by BOT_CHROMIUM_PATH before CHROMIUM_PATH', () => {
    const both = { ...given, BOT_CHROMIUM_PATH: '/a', CHROMIUM_PATH: '/b' };
    expect(readBotConfig(both).chromiumPath).toBe('/a');
  });

  test('that are wrong are listed all at once, without their values', () => {
    const read = () => readBotConfig({ BOT_API_URL: 'nowhere', BOT_HEADLESS: 'maybe' });
    expect(read).toThrow(/BOT_API_URL[^]*BOT_TOKEN|BOT_TOKEN[^]*BOT_API_URL/);
    expect(read).not.toThrow(/nowhere/);
  });

  test('take the token from a file, where one is named and no token is given', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'from the file\n');
    const { BOT_TOKEN, ...rest } = given;
    const readToken = (more: object) => readDeliveryConfig({ ...rest, ...more }).secrets.token;
    expect(readToken({ BOT_TOKEN_FILE: file })).toBe('from the file');
    expect(readToken({ BOT_TOKEN_FILE: file, BOT_TOKEN })).toBe('secret');
    expect(() => readToken({ BOT_TOKEN_FILE: join(folder, 'none') })).toThrow('BOT_TOKEN_FILE');
  });

  test('take the operator’s selectors from a file', async () => {
    const file = await writeSelectors({ custom: { joinButton: { css: ['#enter'] } } });
    expect(readBotConfig({ ...given, BOT_SELECTORS_FILE: file }).signOverrides).toEqual({
      custom: { joinButton: { css: ['#enter'] } },
    });
  });

  test.each([
    [{ custom: { noSuchSign: { css: ['#enter'] } } }, /noSuchSign/],
    [{ webex: {} }, /webex/],
    [{ custom: { joinButton: { css: '#enter' } } }, /css/],
  ])('refuse selectors that fit nothing: %j', async (content, problem) => {
    const file = await writeSelectors(content);
    const read = () => readBotConfig({ ...given, BOT_SELECTORS_FILE: file });
    expect(read).toThrow(/BOT_SELECTORS_FILE/);
    expect(read).toThrow(problem);
  });

  test('refuse a file of selectors that is not there', () => {
    expect(() => readBotConfig({ ...given, BOT_SELECTORS_FILE: '/no/such/file' })).toThrow(
      /BOT_SELECTORS_FILE/,
    );
  });

  test('take origins that bots may open, separated by commas', () => {
    const origins = 'https://jitsi.example.internal/x, http://127.0.0.1:8004';
    expect(readBotConfig({ ...given, BOT_ALLOWED_ORIGINS: origins }).allowedOrigins).toEqual([
      'https://jitsi.example.internal',
      'http://127.0.0.1:8004',
    ]);
    expect(() => readBotConfig({ ...given, BOT_ALLOWED_ORIGINS: 'anywhere' })).toThrow(
      /BOT_ALLOWED_ORIGINS/,
    );
  });

  test('limit a delivery to a minute unless told otherwise', () => {
    expect(readDeliveryConfig(given).timeoutMs).toBe(60_000);
    expect(readDeliveryConfig({ ...given, BOT_DELIVER_TIMEOUT_SECONDS: '5' }).timeoutMs).toBe(5000);
  });
});
