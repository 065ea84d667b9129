import { readFileSync, writeFileSync } from 'node:fs';
import { OPERATIONS } from '../api/operations/all';
import { makeScopeTable, replaceScopeTable } from '../api/operations/scope-table';

const PAGE = 'docs/security.md';

writeFileSync(PAGE, replaceScopeTable(readFileSync(PAGE, 'utf8'), makeScopeTable(OPERATIONS)));
