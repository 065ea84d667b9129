import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { platformSchema, type Platform } from '../../domain/platforms';
import { ROOT } from '../folders';
import { keepIdentity, openLocalSession } from '../sign-in/keep-identity';
import { letPersonSignIn } from '../sign-in/let-person-sign-in';
import { NO_CHROMIUM, prepareChromium } from '../tools/chromium';
import { untilInterrupted } from '../until-interrupted';
import { UserError } from '../user-error';

const USAGE =
  'npm run sign-in -- --platform google_meet|teams|zoom|jitsi|livekit|custom --name <name> (--token <session token> | --email <address, local mode>) [--api http://127.0.0.1:8000] [--url <page to sign in at>]';

/** Where a person signs in; platforms of many hosts need `--url`. */
const SIGN_IN_PAGES: Partial<Record<Platform, string>> = {
  google_meet: 'https://accounts.google.com/',
  teams: 'https://teams.microsoft.com/',
  zoom: 'https://zoom.us/signin',
};

/**
 * `npm run sign-in`: opens a browser window in which a person signs in, then sends its state to the
 * API as an identity. The state goes nowhere else; the browser's profile is deleted.
 */
export async function signIn(args: string[]): Promise<number> {
  const options = readOptions(args);
  const token = options.token ?? (await openLocalSession(options.apiUrl, options.email));
  const toolsDir = path.join(process.env.STACK_DIR ?? path.join(ROOT, '.local'), 'tools');
  const executablePath = await prepareChromium(toolsDir, process.env.CHROMIUM_PATH, console.log);
  if (!executablePath) throw new UserError(NO_CHROMIUM);
  const { apiUrl, name, platform, url } = options;
  const storageState = await letPersonSignIn({ executablePath, url }, askPerson);
  const outcome = await keepIdentity({ apiUrl, token, name, platform }, storageState);
  console.log(`identity ${name} ${outcome}: set it as a meeting’s botIdentityId.`);
  return 0;
}

/** Ctrl-C, and an input that ends, give it up. */
async function askPerson(): Promise<void> {
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
  const { interrupted } = untilInterrupted();
  const closed = [interrupted, once(terminal, 'SIGINT'), once(terminal, 'close')];
  const givenUp = Promise.race(closed).then(() => {
    throw new UserError('Given up: nothing was stored.');
  });
  try {
    const question = 'Sign in in the window, then press Enter here. ';
    await Promise.race([terminal.question(question), givenUp]);
  } finally {
    terminal.close();
  }
}

type Options = { platform: Platform; name: string; apiUrl: string; url: string } & (
  { token: string } | { token: undefined; email: string }
);

function readOptions(args: string[]): Options {
  const option = { type: 'string' } as const;
  const known = { platform: option, name: option, token: option, email: option, api: option };
  const { values } = parseArgs({ args, options: { ...known, url: option } });
  const platform = platformSchema.safeParse(values.platform);
  const { name, token, email } = values;
  if (!platform.success || !name || (!token && !email)) throw new UserError(`Usage: ${USAGE}`);
  const url = values.url ?? SIGN_IN_PAGES[platform.data];
  if (!url) throw new UserError(`Expected --url for ${platform.data}: its page to sign in at.`);
  const apiUrl = values.api ?? process.env.API_URL ?? 'http://127.0.0.1:8000';
  const common = { platform: platform.data, name, apiUrl, url };
  return token ? { ...common, token } : { ...common, token: undefined, email: email ?? '' };
}
