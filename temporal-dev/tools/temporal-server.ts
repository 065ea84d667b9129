import path from 'node:path';
import { ROOT } from '../folders';
import { prepareGoSource, type RunGo } from './go-source';

/** The programs of Temporal's images, which keep everything in PostgreSQL. */
export interface TemporalServer {
  server: string;
  /** `temporal-sql-tool`, which makes its databases. */
  sqlTool: string;
}

const PACKAGES = { server: 'cmd/server', sqlTool: 'cmd/tools/sql' };

/** Temporal as it runs in a cluster: some minutes the first time. */
export async function prepareTemporalServer(
  toolsDir: string,
  log: (text: string) => void,
): Promise<TemporalServer> {
  const source = {
    title: 'Temporal’s server',
    folder: path.join(ROOT, 'test/restore/temporal-server'),
    files: ['go.mod', 'go.sum'],
    name: 'temporal-server',
    duration: 'some minutes',
    make,
  };
  const folder = await prepareGoSource(source, { toolsDir, log });
  return { server: path.join(folder, 'server'), sqlTool: path.join(folder, 'sqlTool') };
}

async function make(run: RunGo, target: string): Promise<void> {
  for (const [name, folder] of Object.entries(PACKAGES)) {
    const output = ['-ldflags', '-s -w', '-o', path.join(target, name)];
    await run('build', ...output, `go.temporal.io/server/${folder}`);
  }
}
