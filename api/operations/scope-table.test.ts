import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OPERATIONS } from './all';
import { makeScopeTable, replaceScopeTable } from './scope-table';

test('docs/security.md has every route under its access; `npm run generate:scopes` writes it anew', () => {
  const page = readFileSync(path.join(__dirname, '../../docs/security.md'), 'utf8');
  expect(page).toBe(replaceScopeTable(page, makeScopeTable(OPERATIONS)));
});
