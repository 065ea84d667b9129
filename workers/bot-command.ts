import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * How this machine runs a program of the bot: compiled beside the compiled worker, else from its
 * source.
 */
export function findBotCommand(program: 'main' | 'deliver-spool'): [string, ...string[]] {
  const main = path.join(__dirname, '../bot/src', program);
  if (__filename.endsWith('.js')) return [process.execPath, '--enable-source-maps', `${main}.js`];
  const tsx = pathToFileURL(require.resolve('tsx')).href;
  return [process.execPath, '--import', tsx, `${main}.ts`];
}
