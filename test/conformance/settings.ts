import path from 'node:path';
import { OPERATIONS } from '../../api/operations/all';
import type { Operation } from '../../api/operations/operation';

const HOOKS = path.join(__dirname, 'hooks.py');

const MCP = 'JSON-RPC in streams, which the MCP SDK’s own client is tested on';

/** What a run does not do, each with its reason. */
export const EXCLUDED_OPERATIONS: Record<string, string> = {
  testWebhookEndpoint: 'It would post to an address elsewhere',
  sendMcpMessage: MCP,
  followMcpSession: MCP,
  endMcpSession: MCP,
};
/** Operations that answer a run with refusals only, each with its reason. */
export const NEVER_SUCCEEDING: Record<string, string> = {
  getBotIdentity: 'The bot of the run is a guest',
  getSpeech: 'The bot of the run was given nothing to say',
  sendUploadBytes: 'Bytes that begin where the last ones end are no accident',
  takeClerkEvent: 'It takes only what Clerk has signed',
  replayWebhookEvents: 'A stretch of one meeting’s events is no accident',
  resendWebhookDelivery: 'Nothing was delivered in the run',
  getOAuthMetadata: 'There is none in local mode',
  getMcpOAuthMetadata: 'There is none in local mode',
  requestJoinToken: 'It would ask an address elsewhere',
};

const EXCLUDED_CHECKS: Record<string, string> = {
  positive_data_acceptance:
    'Links, tokens and hashes are valid by more than a schema can say; refusals are 4xx that are documented',
};

/** Parameters that are given instead of made up, each with its reason. */
const GIVEN_PARAMETERS: Record<string, { value: number; why: string }> = {
  'query.wait': { value: 0, why: 'A long poll that waits for its 25 s finds nothing more' },
};

const PHASES = ['examples', 'coverage', 'fuzzing', 'stateful'] as const;
type Phase = (typeof PHASES)[number];

export interface Run {
  /** By the names of the document's security schemes. */
  credentials: Record<string, { bearer: string } | { api_key: string }>;
  /** Ids that exist, by the beginning of the paths they belong to; the first that fits counts. */
  ids: Record<string, number[]>;
  /** For routes that delete, which must leave something for the others. */
  doomedIds: Record<string, number[]>;
  /** Parameters that find something only together, by operation. */
  given: Record<string, Record<string, number | string>>;
  /** Links that are accepted. */
  links: string[];
  phases: Phase[];
  /** Whether this operation is a part of the run. */
  includes(operation: Operation): boolean;
}

/** The program's settings file: TOML, because it takes nothing else. */
export function makeSettings(run: Run): string {
  const excluded = Object.entries(OPERATIONS).filter(
    ([, each]) => !run.includes(each) || each.id in EXCLUDED_OPERATIONS,
  );
  const lines = [
    'seed = 42',
    'workers = 1',
    'continue-on-failure = true',
    'max-redirects = 0',
    'request-timeout = 10',
    'warnings = false',
    `hooks = ${JSON.stringify(HOOKS)}`,
    table('generation', { deterministic: true, database: 'none', 'max-examples': 8 }),
    ...PHASES.map((phase) => table(`phases.${phase}`, { enabled: run.phases.includes(phase) })),
    // ids come from the run's dictionaries alone: one that an answer shows may not be deleted or ended
    ...run.phases.map((phase) => table(`phases.${phase}.extra-data-sources`, { responses: false })),
    table('checks.negative_data_rejection', { 'expected-statuses': ['4xx'] }),
    ...Object.keys(EXCLUDED_CHECKS).map((check) => table(`checks.${check}`, { enabled: false })),
    ...Object.entries(run.credentials).map(([scheme, secret]) =>
      table(`auth.openapi.${scheme}`, secret),
    ),
    table('dictionaries.links', { values: run.links }),
    ...describeIds(run),
    ...describeOperations(
      run,
      excluded.map(([, { id }]) => id),
    ),
  ];
  return lines.join('\n');
}

const nameOf = (path: string): string => path.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '');

function describeIds({ ids, doomedIds }: Run): string[] {
  return [
    ...Object.entries(ids).map(([path, values]) =>
      table(`dictionaries.${nameOf(path)}`, { values }),
    ),
    ...Object.entries(doomedIds).map(([path, values]) =>
      table(`dictionaries.doomed-${nameOf(path)}`, { values }),
    ),
  ];
}

function describeOperations({ ids, doomedIds, given }: Run, excluded: string[]): string[] {
  const always = Object.entries(GIVEN_PARAMETERS).map(
    ([name, { value }]) => [name, value] as const,
  );
  const known = Object.entries(OPERATIONS).flatMap(([key, { id }]) => {
    const [method = '', path = ''] = key.split(' ');
    const all = method === 'delete' ? doomedIds : ids;
    const own = Object.entries(given[id] ?? {});
    const prefix = Object.keys(all).find((each) => path.startsWith(each));
    const dictionary = `${method === 'delete' ? 'doomed-' : ''}${nameOf(prefix ?? '')}`;
    const parameters = [
      ...[...always, ...own].map(([name, value]) => `"${name}" = ${JSON.stringify(value)}`),
      ...(prefix && !own.some(([name]) => name === 'path.id')
        ? [`"path.id" = { dictionary = "${dictionary}", probability = 0.8 }`]
        : []),
      ...(key === 'post /api/meetings'
        ? ['"body.meetingUrl" = { dictionary = "links", probability = 0.8 }']
        : []),
    ];
    return [
      `[[operations]]\ninclude-operation-id = "${id}"\nparameters = { ${parameters.join(', ')} }`,
    ];
  });
  const off = `[[operations]]\ninclude-operation-id = ${JSON.stringify(excluded)}\nenabled = false`;
  return excluded.length === 0 ? known : [...known, off];
}

/** Strings, numbers, booleans and lists of them look the same in TOML and JSON. */
function table(name: string, values: Record<string, unknown>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return [`[${name}]`, ...lines].join('\n');
}
