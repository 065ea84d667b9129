import { Upload } from 'tus-js-client';
import { take, type Api, type Schemas } from '@/api/client';
import { ApiProblem, summariseProblem, UnreachableProblem } from '@/api/problems';
import type { Session } from '@/api/session';

export interface UploadItem {
  key: string;
  name: string;
  sizeBytes: number;
  phase: 'waiting' | 'sending' | 'paused' | Exclude<Schemas['UploadStatus'], 'receiving'>;
  sentBytes: number;
  percent: number;
  meetingId: number | null;
  problem: string | null;
}

/** Files that are sent at the same time. */
const SENDERS = 2;
const LOOK_MS = 1_000;
const UNREACHABLE_RETRY_MS = 2_000;
/** tus tries again after these; the last one is as good as for ever. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 5_000, ...Array.from({ length: 1_000 }, () => 10_000)];
const REQUEST_BYTES = 16 * 1024 * 1024;
/** A file that is dropped again while it was not complete goes on where it was. */
const STORAGE_KEY = 'uploads';

/** Sends files one after another and watches what becomes of them. */
export class UploadQueue {
  private items: UploadItem[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly files = new Map<string, File>();
  private readonly running = new Map<string, Upload>();
  private isDisposed = false;

  constructor(
    private readonly api: Api,
    private readonly session: Session,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): readonly UploadItem[] => this.items;

  add(files: Iterable<File>): void {
    for (const file of files) {
      const key = crypto.randomUUID();
      this.files.set(key, file);
      const { name, size: sizeBytes } = file;
      const rest = {
        phase: 'waiting',
        sentBytes: 0,
        percent: 0,
        meetingId: null,
        problem: null,
      } as const;
      this.items = [...this.items, { key, name, sizeBytes, ...rest }];
    }
    this.changed();
    this.advance();
  }

  async cancel(key: string): Promise<void> {
    const item = this.items.find((each) => each.key === key);
    if (!item) return;
    await this.running.get(key)?.abort();
    this.running.delete(key);
    this.forget(key);
    this.update(key, { phase: 'cancelled' });
    this.advance();
    if (item.meetingId !== null) await this.withdraw(item.meetingId);
  }

  /** Also without a network: the order reaches the API once there is one again. */
  private async withdraw(meetingId: number): Promise<void> {
    const params = { path: { id: meetingId } };
    while (!this.isDisposed) {
      const answer = await this.api.client
        .DELETE('/api/meetings/{id}/upload', { params })
        .catch(() => null);
      if (answer !== null && answer.response.status < 500) return;
      await new Promise((resolve) => setTimeout(resolve, UNREACHABLE_RETRY_MS));
    }
  }

  /** Stops sending; what was sent is kept, and the same file goes on there when it is dropped again. */
  dispose(): void {
    this.isDisposed = true;
    for (const upload of this.running.values()) void upload.abort();
  }

  private advance(): void {
    if (this.isDisposed) return;
    const next = this.items.find(({ phase }) => phase === 'waiting');
    if (!next || this.running.size >= SENDERS) return;
    const file = this.files.get(next.key);
    if (!file) return;
    this.update(next.key, { phase: 'sending' });
    void this.begin(next.key, file).catch((error: unknown) => this.fail(next.key, error));
    this.advance();
  }

  private async begin(key: string, file: File): Promise<void> {
    const { meetingId, url } = await this.findOrMake(key, file);
    this.update(key, { meetingId });
    const upload = new Upload(file, {
      uploadUrl: this.api.url(url),
      chunkSize: REQUEST_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      storeFingerprintForResuming: false,
      onBeforeRequest: async (request) => {
        request.setHeader('Authorization', `Bearer ${await this.session.getToken()}`);
      },
      onProgress: (sentBytes) => this.update(key, { sentBytes, phase: 'sending' }),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        if (status === 401) this.session.forgetToken();
        this.update(key, { phase: 'paused' });
        return status === 0 || status === 401 || status === 409 || status === 429 || status >= 500;
      },
      onSuccess: () => {
        this.running.delete(key);
        this.forget(key);
        this.update(key, { phase: 'decoding', sentBytes: file.size });
        this.advance();
        void this.follow(key, meetingId);
      },
      onError: (error) => this.fail(key, error),
    });
    this.running.set(key, upload);
    upload.start();
  }

  private async findOrMake(key: string, file: File): Promise<{ meetingId: number; url: string }> {
    const known = readKnown()[fingerprint(file)];
    if (known !== undefined) {
      const params = { path: { id: known } };
      const { data } = await this.api.client.GET('/api/meetings/{id}/upload', { params });
      if (data?.status === 'receiving') return data;
    }
    const body = { fileName: file.name.slice(0, 255), sizeBytes: file.size };
    const params = { header: { 'idempotency-key': key } };
    const { upload } = take(await this.api.client.POST('/api/uploads', { params, body }));
    writeKnown({ ...readKnown(), [fingerprint(file)]: upload.meetingId });
    return upload;
  }

  private async follow(key: string, meetingId: number): Promise<void> {
    const params = { path: { id: meetingId } };
    for (;;) {
      const { data } = await this.api.client
        .GET('/api/meetings/{id}/upload', { params })
        .catch(() => ({ data: undefined }));
      if (this.isDisposed) return;
      if (data && data.status !== 'receiving') {
        this.update(key, { phase: data.status, percent: data.percent, problem: data.problem });
        if (data.status !== 'decoding' && data.status !== 'transcribing') return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  private fail(key: string, error: unknown): void {
    this.running.delete(key);
    if (isPassing(error)) {
      this.update(key, { phase: 'paused' });
      setTimeout(() => {
        const item = this.items.find((each) => each.key === key);
        if (item?.phase === 'paused') this.update(key, { phase: 'waiting' });
        this.advance();
      }, UNREACHABLE_RETRY_MS);
      return;
    }
    this.update(key, { phase: 'failed', problem: summariseProblem(error) });
    this.advance();
  }

  private forget(key: string): void {
    const file = this.files.get(key);
    if (!file) return;
    const { [fingerprint(file)]: _sent, ...others } = readKnown();
    writeKnown(others);
  }

  private update(key: string, change: Partial<UploadItem>): void {
    this.items = this.items.map((item) => {
      if (item.key !== key) return item;
      return item.phase === 'cancelled' ? item : { ...item, ...change };
    });
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Whether the API is away, or on its way back, or busy: then the same request is sent again. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status === 429 || error.status >= 500;
  return error instanceof UnreachableProblem;
}

function fingerprint({ name, size, lastModified }: File): string {
  return `${name}:${size}:${lastModified}`;
}

/** Which meetings files belong to whose bytes have not all been sent; ids and names only. */
function readKnown(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Record<string, number>;
  } catch {
    return {};
  }
}

function writeKnown(known: Record<string, number>): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(known));
}
