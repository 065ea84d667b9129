import type { Api, Schemas } from '@/api/client';
import type { Session } from '@/api/session';
import type { chunkStore, WaitingChunk } from './chunk-store';

const RETRY_MS = 2_000;

/** Why a recording goes on no more: it is over, or what was sent was not right. */
export type Refusal = 'over' | 'refused';

interface Deps {
  api: Pick<Api, 'url'>;
  session: Session;
  store: Pick<typeof chunkStore, 'firstChunk' | 'countChunks' | 'dropChunk'>;
}

interface Listeners {
  onWaiting(count: number): void;
  onOffline(isOffline: boolean): void;
  /** Whatever waits still does: it is not sent again unless somebody asks for it. */
  onRefused(refusal: Refusal): void;
}

/** Sends a recording's chunks one after another, in order, each until it is acknowledged. */
export class ChunkSender {
  private isRunning = false;
  private isStopped = false;
  private wake = (): void => undefined;

  constructor(
    private readonly meetingId: number,
    private readonly deps: Deps,
    private readonly listeners: Listeners,
  ) {}

  /** Sends whatever waits; resolves once nothing does. */
  async send(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    const { store } = this.deps;
    try {
      for (;;) {
        const chunk = await store.firstChunk(this.meetingId);
        this.listeners.onWaiting(await store.countChunks(this.meetingId));
        if (chunk === undefined || this.isStopped) return;
        const outcome = await this.put(chunk);
        this.listeners.onOffline(outcome === 'later');
        if (outcome === 'taken') await store.dropChunk(chunk);
        else if (outcome === 'later') await this.pause();
        else return this.listeners.onRefused(outcome);
      }
    } finally {
      this.isRunning = false;
    }
  }

  stop(): void {
    this.isStopped = true;
    this.wake();
  }

  private async put(chunk: WaitingChunk): Promise<'taken' | 'later' | Refusal> {
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
      return judgeRefusal(response.status, await response.json().catch(() => null));
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

/** By these the API says that a recording takes nothing any more, whatever is sent. */
const OVER = ['intake_closed', 'recorder_over', 'superseded', 'meeting_deleted'];
/** Who asks again after these may get another answer. */
const PASSING = [401, 408, 425, 429];

/** What a refusal means; one without a code is not the API's, but of something on the way to it. */
export function judgeRefusal(status: number, body: Schemas['Error'] | null): 'later' | Refusal {
  const code = body?.error?.code;
  if (code === undefined || status >= 500 || PASSING.includes(status)) return 'later';
  return OVER.includes(code) ? 'over' : 'refused';
}
