import { API_KEYS } from './api-keys';
import { BOT_OPERATIONS } from './bot';
import { MEETINGS } from './meetings';
import type { Operations } from './operation';
import { PUBLIC } from './public';
import { TALKING_BACK } from './talking-back';
import { USERS } from './users';

/**
 * Every route of the server: who may use it, how it is audited, and what it takes and gives. The
 * gate, the OpenAPI document and the check at start all read this table.
 */
export const OPERATIONS: Operations = {
  ...PUBLIC,
  ...MEETINGS,
  ...TALKING_BACK,
  ...USERS,
  ...API_KEYS,
  ...BOT_OPERATIONS,
};
