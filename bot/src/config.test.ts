import { readBotConfig } from './config';

const given = {
  BOT_API_URL: 'http://127.0.0.1:8000/',
  BOT_TOKEN: 'secret',
  BOT_SPOOL_DIR: '/var/spool/bot',
};

describe('the settings of the bot', () => {
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
});
