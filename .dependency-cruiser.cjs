/** Imports go one way: the picture stands in README.md under "Where things are". */
const OURS = '^(domain|workflows|activities|infra|api|workers|bot|client|web|temporal-dev|test)/';

const only = (from, allowed, comment) => ({
  name: `${from}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '\\.test\\.ts$' },
  to: { path: OURS, pathNot: `^(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'What needs each other belongs in one file, or the shared part in a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-is-pure',
      comment: 'domain imports only itself and zod.',
      severity: 'error',
      from: { path: '^domain/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^(domain/|node_modules/zod/)' },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'workflows run in the sandbox: the workflow SDK, domain, and activities as types.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.test\\.ts$' },
      to: {
        pathNot: '^(workflows/|domain/|node_modules/@temporalio/(workflow|common)/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'workflows-see-types-of-activities',
      comment: 'Beyond that, workflows may know types of activities and of what those return.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(api|workers|bot|temporal-dev|test)/',
      },
    },
    only('infra', ['domain'], 'infra adapts the outside world to domain.'),
    only('activities', ['domain', 'infra'], 'activities use infra and speak domain.'),
    only('api', ['domain', 'infra', 'workflows'], 'the API answers from infra and asks workflows.'),
    only('workers', ['domain', 'infra', 'workflows', 'activities'], 'workers wire it all up.'),
    only('bot', ['domain'], 'the bot speaks HTTP and knows only the words of domain.'),
    only('web', ['client', 'domain'], 'the page speaks to the API alone, through its client.'),
    only('client', [], 'the client is a package of its own, for any program.'),
    {
      name: 'web-sees-types-of-domain',
      comment: 'The page knows the words of domain; what they do is the API’s.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^domain/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'bot-knows-no-backend',
      comment: 'The bot never sees the database, Redis or Temporal.',
      severity: 'error',
      from: { path: '^bot/src/' },
      to: { path: 'node_modules/(@prisma|pg|ioredis|@temporalio|express)/' },
    },
    {
      name: 'nothing-imports-workers',
      comment: 'workers are entry points.',
      severity: 'error',
      from: { pathNot: '^workers/|\\.test\\.ts$' },
      to: { path: '^workers/' },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: {
        path: '^(domain|workflows|activities|infra|api|workers|bot/src)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: '^(test|bot/test|temporal-dev)/|\\.test\\.ts$' },
    },
    {
      name: 'kubernetes-in-one-place',
      severity: 'error',
      from: { pathNot: '^infra/kubernetes' },
      to: { path: 'node_modules/@kubernetes/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^infra/generated/|^web/\\.next/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
