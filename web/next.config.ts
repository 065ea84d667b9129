import fs from 'node:fs/promises';
import path from 'node:path';
import type { NextConfig } from 'next';

const root = path.join(import.meta.dirname ?? process.cwd(), '..');

/**
 * Browsers that know this comment compile a script while it arrives, beside the main thread, instead
 * of function by function once it runs: https://v8.dev/blog/explicit-compile-hints
 */
const COMPILE_HINT = '//# allFunctionsCalledOnLoad\n';

async function hintToCompile({ distDir }: { distDir: string }): Promise<void> {
  const folder = path.join(distDir, 'static/chunks');
  const names = await fs.readdir(folder, { recursive: true });
  for (const name of names.filter((each) => each.endsWith('.js'))) {
    const file = path.join(folder, name);
    const script = await fs.readFile(file, 'utf8');
    if (!script.startsWith(COMPILE_HINT)) await fs.writeFile(file, COMPILE_HINT + script);
  }
}

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: root,
  turbopack: { root },
  compiler: { runAfterProductionCompile: hintToCompile },
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
