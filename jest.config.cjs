// Packages that exist as ES modules only: jest on Node 20 must transform them.
const ESM_ONLY = [
  '@echogarden/fvad-wasm',
  '@kubernetes/client-node',
  '@plussub/srt-vtt-parser',
  'eventemitter3',
  'jose',
  'oauth4webapi',
  'openid-client',
  '@tus',
  'srvx',
  'p-queue',
  'p-timeout',
  'pixelmatch',
  'request-filtering-agent',
];
module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        module: { type: 'commonjs' },
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      },
    ],
    '^.+\\.tsx$': [
      '@swc/jest',
      {
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ESM_ONLY.join('|')})/)`],
  // Long ones run by `npm run test:full`, or when named.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.local/', '\\.full\\.test\\.ts$'],
  moduleNameMapper: { '^@/(.*)$': '<rootDir>/web/$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '/.local/', '/\\.next/'],
  globalSetup: './test/global-setup.ts',
  globalTeardown: './test/global-teardown.ts',
  testTimeout: 60_000,
  maxWorkers: 2,
};
