declare module '@echogarden/fvad-wasm' {
  import type { FvadModule } from '../../../domain/voice-detector';
  export default function createFvad(options: { wasmBinary: Uint8Array }): Promise<FvadModule>;
}
