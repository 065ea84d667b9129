import { SCOPES } from '../../domain/scopes';
import type { Access, Operations } from './operation';

const OTHERS: Record<Exclude<Access, keyof typeof SCOPES>, string> = {
  session: 'Signed-in people only, no key',
  any_key: 'Signed-in people, and keys of any scope: what is done with it asks for its own',
  admin: 'Administrators',
  bot: 'The bot of one attempt',
  public: 'Everybody',
};

/** Which routes each kind of access opens, as a table in Markdown. */
export function makeScopeTable(operations: Operations): string {
  const rows = Object.entries({ ...SCOPES, ...OTHERS }).map(([access, meaning]) => {
    const routes = Object.entries(operations)
      .filter(([, operation]) => operation.access === access)
      .map(([key, { alsoNeeds }]) => {
        const [method = '', path = ''] = key.split(' ');
        const second = alsoNeeds ? ` (and \`${alsoNeeds}\`)` : '';
        return `\`${method.toUpperCase()} ${path}\`${second}`;
      });
    return `| \`${access}\` | ${meaning} | ${routes.join(', ')} |`;
  });
  return ['| access | who or what | routes |', '| --- | --- | --- |', ...rows].join('\n');
}

const [BEGIN, END] = ['<!-- scopes -->', '<!-- end of scopes -->'];

/** The page with the table between its two marks replaced. */
export function replaceScopeTable(page: string, table: string): string {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined) {
    throw new Error(`Expected a page with ${BEGIN} and ${END}`);
  }
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}
