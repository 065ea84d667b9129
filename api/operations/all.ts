import { ADMIN } from './admin';
import { API_KEYS } from './api-keys';
import { BOT_OPERATIONS } from './bot';
import { BOTS } from './bots';
import { MCP } from './mcp';
import { MEETINGS } from './meetings';
import type { Operation, Operations } from './operation';
import { PUBLIC } from './public';
import { SCHEDULES } from './schedules';
import { SEARCH } from './search';
import { SHARES } from './shares';
import { SOURCES } from './sources';
import { TRANSCRIPTS } from './transcripts';
import { IDENTITIES, ME } from './users';
import { WEBHOOKS } from './webhooks';

/** The routes by subject, in the order in which they are documented. */
export const SUBJECTS: Record<string, { about: string; operations: Operations }> = {
  Meetings: { about: 'One meeting is one call, from its link on.', operations: MEETINGS },
  Schedules: {
    about: 'What makes meetings happen again and again: see docs/schedules.md.',
    operations: SCHEDULES,
  },
  'Recorders and uploads': {
    about: 'Meetings without a bot: recorded in a browser, or made of a file.',
    operations: SOURCES,
  },
  Bots: { about: 'The guest in the call: sent, heard of, spoken through.', operations: BOTS },
  Transcripts: {
    about: 'What was said, live and afterwards, and what was made of it.',
    operations: TRANSCRIPTS,
  },
  Search: { about: 'What was said in all of your meetings.', operations: SEARCH },
  Webhooks: {
    about: 'Events posted to addresses of yours, and read by programs that were down.',
    operations: WEBHOOKS,
  },
  Sharing: { about: 'Links by which others read a meeting.', operations: SHARES },
  Account: { about: 'Who is signed in.', operations: ME },
  'API keys': { about: 'What your programs sign in with.', operations: API_KEYS },
  Identities: { about: 'Accounts that bots sign in with.', operations: IDENTITIES },
  MCP: {
    about: 'The Model Context Protocol, for agents: see docs/mcp.md.',
    operations: MCP,
  },
  Administration: { about: 'For administrators: people, limits, usage.', operations: ADMIN },
  Service: { about: 'What this server is and how it fares.', operations: PUBLIC },
  'Bot contract': {
    about: 'What bots themselves use, by the token of one attempt.',
    operations: BOT_OPERATIONS,
  },
};

/**
 * Every route of the server: who may use it, how it is audited, and what it takes and gives. The
 * gate, the OpenAPI document and the check at start all read this table.
 */
export const OPERATIONS: Operations = Object.fromEntries(
  Object.values(SUBJECTS).flatMap(({ operations }) => Object.entries(operations)),
);

/** The route of this key of the table, for what stands under its rules without being a request. */
export function requireOperation(key: string): Operation {
  const operation = OPERATIONS[key];
  if (!operation) throw new Error(`Expected a route of the table, got ${key}`);
  return operation;
}
