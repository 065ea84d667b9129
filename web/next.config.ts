import path from 'node:path';
import type { NextConfig } from 'next';

const root = path.join(import.meta.dirname ?? process.cwd(), '..');

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: root,
  turbopack: { root },
  transpilePackages: ['meetings-client'],
  // `npm run check` looks at types, with the same compiler for every workspace.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  devIndicators: false,
  allowedDevOrigins: ['127.0.0.1'],
  images: { unoptimized: true },
  experimental: { optimizePackageImports: ['radix-ui'] },
};

export default config;
