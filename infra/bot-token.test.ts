import { SignJWT } from 'jose';
import { InvalidBotTokenError, mintBotToken, verifyBotToken, type BotIdentity } from './bot-token';

const SECRET = 'a secret that is long enough for HS256';
const BOT: BotIdentity = {
  meetingId: 7,
  attempt: 2,
  launchId: '00000000-0000-4000-8000-000000000001',
};

function sign(claims: object, audience: string): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}

describe('bot tokens', () => {
  test('say which bot they are for', async () => {
    const token = await mintBotToken({ ...BOT, lifetimeMs: 60_000 }, SECRET);
    expect(await verifyBotToken(token, SECRET)).toEqual(BOT);
  });

  test.each([
    ['expired', () => mintBotToken({ ...BOT, lifetimeMs: -1_000 }, SECRET)],
    [
      'signed with another secret',
      () => mintBotToken({ ...BOT, lifetimeMs: 60_000 }, `${SECRET}!`),
    ],
    ['for another purpose', () => sign(BOT, 'something-else')],
    ['without an attempt', () => sign({ ...BOT, attempt: undefined }, 'meetings-bot')],
    ['empty', () => Promise.resolve('')],
  ])('are refused when %s', async (_how, make) => {
    await expect(verifyBotToken(await make(), SECRET)).rejects.toThrow(InvalidBotTokenError);
  });
});
