import { prepareGoProgram } from './go-program';

/** The newest that builds from the module proxy alone. */
const VERSION = '1.9.12';

/** The LiveKit server: a meeting page made by others. */
export function prepareLivekit(toolsDir: string, log: (text: string) => void): Promise<string> {
  const program = {
    title: 'LiveKit',
    fileName: `livekit-server-${VERSION}`,
    module: `github.com/livekit/livekit-server/cmd/server@v${VERSION}`,
  };
  return prepareGoProgram(program, { toolsDir, log });
}
