declare module '@echogarden/fvad-wasm' {
  export interface FvadModule {
    HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    _fvad_set_mode(detector: number, mode: number): number;
    _fvad_set_sample_rate(detector: number, hertz: number): number;
    _fvad_process(detector: number, frame: number, samples: number): number;
  }
  export default function createFvad(options: { wasmBinary: Uint8Array }): Promise<FvadModule>;
}
