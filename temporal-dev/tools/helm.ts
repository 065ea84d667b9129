import { prepareGoProgram } from './go-program';

const VERSION = '3.22.0';

/** Helm, which renders and checks the chart. */
export function prepareHelm(toolsDir: string, log: (text: string) => void): Promise<string> {
  const program = {
    title: 'Helm',
    fileName: `helm-${VERSION}`,
    module: `helm.sh/helm/v3/cmd/helm@v${VERSION}`,
  };
  return prepareGoProgram(program, { toolsDir, log });
}
