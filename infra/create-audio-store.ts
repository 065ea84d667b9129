import type { AudioStore } from './audio-store';
import { createDiskAudioStore } from './audio-store-disk';
import { createS3AudioStore } from './audio-store-s3';
import type { AudioStoreConfig } from './config';

/** Opens the audio store that the settings name; connects on first use. */
export function createAudioStore(config: AudioStoreConfig): AudioStore {
  return config.kind === 'disk'
    ? createDiskAudioStore(config.directory)
    : createS3AudioStore(config);
}
