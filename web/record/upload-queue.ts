import { take, type Api, type Schemas } from '@/api/client';
import {
  ApiProblem,
  readFieldProblems,
  summariseProblem,
  UnreachableProblem,
} from '@/api/problems';
import { record } from '@/strings/record';
import { KnownUploads } from './known-uploads';
import type { SendFile, Sending } from './send-file';

export interface UploadItem {
  key: string;
  name: string;
  sizeBytes: number;
  phase:
    | ('waiting' | 'sending')
    /** Goes on by itself: the API cannot be reached, or is busy. */
    | ('paused' | 'busy')
    | Exclude<Schemas['UploadStatus'], 'receiving'>;
  sentBytes: number;
  percent: number;
  meetingId: number | null;
  problem: string | null;
}

type Phase = UploadItem['phase'];

const SENDING: readonly Phase[] = ['sending', 'paused', 'busy'];
const WATCHED: readonly Phase[] = ['decoding', 'transcribing'];
const OVER: readonly Phase[] = ['completed', 'failed', 'cancelled'];
const UNSENT: readonly Phase[] = ['waiting', ...SENDING];

/** Files that are sent at the same time. */
const SENDERS = 2;
/** Between two questions what became of a file, however many there are. */
const LOOK_MS = 1_000;
const RETRY_MS = 2_000;
/** As many files as one may have are on their way, some perhaps from elsewhere. */
const FULL_RETRY_MS = 3_000;

const FRESH = {
  phase: 'waiting',
  sentBytes: 0,
  percent: 0,
  meetingId: null,
  problem: null,
} as const;

interface Deps {
  api: Pick<Api, 'client'>;
  userId: number;
  send: SendFile;
}

/** Sends files, a few at a time, and watches what becomes of them. */
export class UploadQueue {
  private items: UploadItem[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly files = new Map<string, File>();
  /** A meeting is made once under each of these. */
  private readonly idempotencyKeys = new Map<string, string>();
  private readonly running = new Map<string, Sending>();
  private readonly known: KnownUploads;
  private withdrawals = 0;
  private isFull = false;
  private isWatching = false;
  private isDisposed = false;

  constructor(private readonly deps: Deps) {
    this.known = new KnownUploads(deps.userId);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): readonly UploadItem[] => this.items;

  countUnsent(): number {
    return this.items.filter(({ phase }) => UNSENT.includes(phase)).length;
  }

  /** Whether something does not happen when the page goes. */
  isFragile(): boolean {
    return this.countUnsent() > 0 || this.withdrawals > 0;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const key = crypto.randomUUID();
      this.files.set(key, file);
      this.idempotencyKeys.set(key, key);
      this.items = [...this.items, { key, name: file.name, sizeBytes: file.size, ...FRESH }];
    }
    this.changed();
    this.advance();
  }

  async cancel(key: string): Promise<void> {
    const item = this.find(key);
    if (!item || OVER.includes(item.phase)) return;
    this.update(key, { phase: 'cancelled' });
    await this.running.get(key)?.abort();
    this.running.delete(key);
    this.advance();
    // while its meeting is being made, whoever makes it takes it back
    if (item.meetingId !== null) await this.withdraw(key, item.meetingId);
  }

  /** Once more from the beginning, as a meeting of its own. */
  retry(key: string): void {
    if (this.find(key)?.phase !== 'failed') return;
    this.idempotencyKeys.set(key, crypto.randomUUID());
    this.update(key, FRESH);
    this.advance();
  }

  /** Takes a file that is over out of the list. */
  remove(key: string): void {
    this.items = this.items.filter((item) => item.key !== key || !OVER.includes(item.phase));
    this.changed();
  }

  /** Stops sending; what was sent is kept, and the same file goes on there when it is dropped again. */
  dispose(): void {
    this.isDisposed = true;
    for (const sending of this.running.values()) void sending.abort();
  }

  private advance(): void {
    if (this.isDisposed || this.isFull) return;
    const places = SENDERS - this.items.filter(({ phase }) => SENDING.includes(phase)).length;
    const next = this.items.filter(({ phase }) => phase === 'waiting').slice(0, places);
    for (const { key } of next) {
      this.update(key, { phase: 'sending' });
      void this.begin(key);
    }
  }

  private async begin(key: string): Promise<void> {
    const file = this.files.get(key);
    if (!file || this.isDisposed) return;
    try {
      const { meetingId, url } = await this.findOrMake(key, file);
      if (!this.isWanted(key)) return await this.withdraw(key, meetingId);
      if (this.isDisposed) return;
      this.update(key, { meetingId, phase: 'sending' });
      this.running.set(key, this.send(key, file, url));
    } catch (error) {
      this.fail(key, error);
    }
  }

  private send(key: string, file: File, url: string): Sending {
    return this.deps.send(file, url, {
      onProgress: (sentBytes) => this.update(key, { sentBytes, phase: 'sending' }),
      onPause: (phase) => this.update(key, { phase }),
      onSent: () => this.handOver(key, file),
      onError: (problem) => {
        // it was ended elsewhere: how, its meeting says
        if (codeOf(problem) === 'upload_over') this.handOver(key, file);
        else this.fail(key, problem);
      },
    });
  }

  /** The API has what it takes of the file; the rest is its own work. */
  private handOver(key: string, file: File): void {
    this.running.delete(key);
    this.known.drop(file);
    this.update(key, { phase: 'decoding', sentBytes: file.size });
    this.advance();
    void this.watch();
  }

  private async findOrMake(key: string, file: File): Promise<{ meetingId: number; url: string }> {
    const { client } = this.deps.api;
    const known = this.known.find(file);
    if (known !== undefined) {
      const answer = await client.GET('/api/meetings/{id}/upload', {
        params: { path: { id: known } },
      });
      const upload = answer.response.status === 404 ? null : take(answer);
      if (upload?.status === 'receiving') return upload;
    }
    const body = { fileName: file.name.slice(0, 255), sizeBytes: file.size };
    const params = { header: { 'idempotency-key': this.idempotencyKeys.get(key) ?? key } };
    const { upload } = take(await client.POST('/api/uploads', { params, body }));
    this.known.note(file, upload.meetingId);
    return upload;
  }

  /** Also without a network: the order reaches the API once there is one again. */
  private async withdraw(key: string, meetingId: number): Promise<void> {
    const file = this.files.get(key);
    if (file) this.known.drop(file);
    this.files.delete(key);
    this.withdrawals += 1;
    const params = { path: { id: meetingId } };
    for (;;) {
      const isDone = await this.deps.api.client
        .DELETE('/api/meetings/{id}/upload', { params })
        .then((answer) => take(answer) !== undefined)
        .catch((error: unknown) => !isPassing(error));
      if (isDone || this.isDisposed) break;
      await wait(RETRY_MS);
    }
    this.withdrawals -= 1;
    this.makeRoom();
  }

  /** Asks what became of the files, one after another, until all are over. */
  private async watch(): Promise<void> {
    if (this.isWatching) return;
    this.isWatching = true;
    for (let turn = 0; !this.isDisposed; turn += 1) {
      const watched = this.items.filter(({ phase }) => WATCHED.includes(phase));
      const item = watched[turn % watched.length];
      if (!item) break;
      await this.look(item);
      await wait(LOOK_MS);
    }
    this.isWatching = false;
  }

  private async look({ key, meetingId }: UploadItem): Promise<void> {
    if (meetingId === null) return;
    const params = { path: { id: meetingId } };
    try {
      const { client } = this.deps.api;
      const upload = take(await client.GET('/api/meetings/{id}/upload', { params }));
      if (upload.status === 'receiving') return;
      const { status: phase, percent, problem } = upload;
      this.update(key, { phase, percent, problem });
      if (OVER.includes(phase)) this.makeRoom();
    } catch (error) {
      if (!isPassing(error)) this.fail(key, error);
    }
  }

  private fail(key: string, error: unknown): void {
    this.running.delete(key);
    if (codeOf(error) === 'too_many_uploads') {
      this.isFull = true;
      this.update(key, { phase: 'waiting' });
      setTimeout(() => this.makeRoom(), FULL_RETRY_MS);
      return;
    }
    if (isPassing(error)) {
      this.update(key, { phase: error instanceof UnreachableProblem ? 'paused' : 'busy' });
      // also when it is cancelled by now: its meeting may have been made all the same
      setTimeout(() => void this.begin(key), RETRY_MS);
      return;
    }
    this.update(key, { phase: 'failed', problem: describe(error) });
    this.advance();
  }

  private makeRoom(): void {
    this.isFull = false;
    this.advance();
  }

  private find(key: string): UploadItem | undefined {
    return this.items.find((item) => item.key === key);
  }

  private isWanted(key: string): boolean {
    const item = this.find(key);
    return item !== undefined && item.phase !== 'cancelled';
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

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const codeOf = (error: unknown): string | null => (error instanceof ApiProblem ? error.code : null);

/** Whether the API is away, or on its way back, or busy: then the same request is sent again. */
function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableProblem) return true;
  return error instanceof ApiProblem && (error.status === 429 || error.status >= 500);
}

function describe(error: unknown): string {
  if (readFieldProblems(error).has('sizeBytes')) return record.upload.tooLarge;
  return summariseProblem(error);
}
