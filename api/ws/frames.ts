import type WebSocket from 'ws';
import { clientFrameSchema, type ClientFrame } from '../../domain/ws';

/** Frames of any kind, also those that cost next to nothing: nobody needs as many. */
const FRAMES_PER_WINDOW = 500;
const FRAME_WINDOW_MS = 10_000;

/** Says of each frame of one socket whether it is one too many. */
export function createFloodGuard(): () => boolean {
  let startedAtMs = 0;
  let frames = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - startedAtMs > FRAME_WINDOW_MS) {
      startedAtMs = nowMs;
      frames = 0;
    }
    frames += 1;
    return frames > FRAMES_PER_WINDOW;
  };
}

/** A client's frame; null when it is none. */
export function parseFrame(data: WebSocket.RawData): ClientFrame | null {
  try {
    const text = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
    return clientFrameSchema.parse(JSON.parse(text.toString('utf8')));
  } catch {
    return null;
  }
}
