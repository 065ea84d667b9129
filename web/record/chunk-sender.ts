import type { Api } from '@/api/client';
import type { Session } from '@/api/session';
import { chunkStore, type WaitingChunk } from './chunk-store';

const RETRY_MS = 2_000;

interface Listeners {
  onWaiting(count: number): void;
  onOffline(isOffline: boolean): void;
  /** The meeting takes no more. */
  onOver(): void;
}

/** Sends a recording's chunks one after another, in order, each until it is acknowledged. */
export class ChunkSender {
  private isRunning = false;
  private isStopped = false;
  private wake = (): void => undefined;

  constructor(
    private readonly meetingId: number,
    private readonly deps: { api: Api; session: Session },
    private readonly listeners: Listeners,
  ) {
    window.addEventListener('online', this.retry);
  }

  /** Sends whatever waits; resolves once nothing does. */
  async send(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      for (;;) {
        const chunk = await chunkStore.firstChunk(this.meetingId);
        this.listeners.onWaiting(await chunkStore.countChunks(this.meetingId));
        if (chunk === undefined || this.isStopped) return;
        const outcome = await this.put(chunk);
        this.listeners.onOffline(outcome === 'later');
        if (outcome === 'taken') await chunkStore.dropChunk(chunk);
        else if (outcome === 'over') return this.listeners.onOver();
        else await this.pause();
      }
    } finally {
      this.isRunning = false;
    }
  }

  stop(): void {
    this.isStopped = true;
    window.removeEventListener('online', this.retry);
    this.wake();
  }

  private readonly retry = (): void => this.wake();

  private async put(chunk: WaitingChunk): Promise<'taken' | 'later' | 'over'> {
    const { meetingId, track, seq } = chunk;
    const path = `/api/meetings/${meetingId}/chunks/${track}/${seq}`;
    try {
      const response = await fetch(this.deps.api.url(path), {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${await this.deps.session.getToken()}`,
          'content-type': 'audio/wav',
          'x-chunk-start-ms': String(chunk.startMs),
          'x-chunk-end-ms': String(chunk.endMs),
          'x-chunk-captured-at': String(chunk.capturedAtMs),
          'x-chunk-sha256': chunk.sha256,
        },
        body: chunk.wav,
      });
      if (response.ok) return 'taken';
      if (response.status === 401) this.deps.session.forgetToken();
      return [404, 409, 410, 422].includes(response.status) ? 'over' : 'later';
    } catch {
      return 'later';
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
