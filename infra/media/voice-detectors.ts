import { readFile } from 'node:fs/promises';
import createFvad from '@echogarden/fvad-wasm';
import { createVoiceDetector, type VoiceDetector } from '../../domain/voice-detector';

/** Loads WebRTC's voice activity detector; each track has one of its own. */
export async function loadVoiceDetectors(): Promise<() => VoiceDetector> {
  const wasmBinary = await readFile(require.resolve('@echogarden/fvad-wasm/fvad.wasm'));
  const fvad = await createFvad({ wasmBinary });
  return () => createVoiceDetector(fvad);
}
