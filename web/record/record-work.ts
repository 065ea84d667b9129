import type { Recorder, RecorderState } from './recorder';
import type { UploadQueue } from './upload-queue';

/** What goes on, in short: for whoever looks at another page. */
export interface Activity {
  recorder: RecorderState['phase'];
  unsentFiles: number;
}

const NOTHING: Activity = { recorder: 'idle', unsentFiles: 0 };

/** The recorder and the uploads of whoever is signed in: they go on while pages come and go. */
export class RecordWork {
  private userId: number | null = null;
  private recorder: Recorder | null = null;
  private queue: UploadQueue | null = null;
  private activity = NOTHING;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly readRecorder = (): Recorder | null => this.recorder;
  readonly readQueue = (): UploadQueue | null => this.queue;
  readonly readActivity = (): Activity => this.activity;

  /** Makes the user's recorder unless there is one, and looks for what it had not finished. */
  needRecorder(userId: number, make: () => Recorder): void {
    this.belongTo(userId);
    if (this.recorder) return;
    this.recorder = make();
    this.recorder.subscribe(this.look);
    this.tell();
    void this.recorder.recover();
  }

  /** Makes the user's queue unless there is one. */
  needQueue(userId: number, make: () => UploadQueue): void {
    this.belongTo(userId);
    if (this.queue) return;
    this.queue = make();
    this.queue.subscribe(this.look);
    this.tell();
  }

  /** Whether something is lost with the page. */
  isFragile(): boolean {
    return this.recorder?.isFragile() === true || this.queue?.isFragile() === true;
  }

  /** Ends both; whoever needs one again gets another. */
  close(): void {
    void this.recorder?.dispose();
    this.queue?.dispose();
    this.recorder = null;
    this.queue = null;
    this.look();
    this.tell();
  }

  private belongTo(userId: number): void {
    if (this.userId !== null && this.userId !== userId) this.close();
    this.userId = userId;
  }

  /** Of all that changes many times a second, only what is told counts. */
  private readonly look = (): void => {
    const recorder = this.recorder?.read().phase ?? 'idle';
    const unsentFiles = this.queue?.countUnsent() ?? 0;
    if (recorder === this.activity.recorder && unsentFiles === this.activity.unsentFiles) return;
    this.activity = { recorder, unsentFiles };
    this.tell();
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
