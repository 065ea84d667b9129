import path from 'node:path';
import { defineConfig } from 'prisma/config';

// Prisma's own engine would have to be downloaded; this one comes with the npm packages.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.resolve('prisma/schema-engine.mjs');

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
