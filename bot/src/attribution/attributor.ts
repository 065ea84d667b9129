import type { SoundSpan, SourceBinding } from '../../../domain/bot-api';
import { SourceNamer } from './source-namer';
import { SpeakerTimeline } from './speaker-timeline';

/** Polled each 100 ms, and told as over 400 ms after it was last mixed in. */
const SOURCE_LAG = { startMs: 50, endMs: 400 };
/** What a page shows is drawn late and polled each 200 ms. */
const SHOWN_LAG = { startMs: 250, endMs: 250 };
/** The header that carries the spans takes 12,000 characters. */
const LONGEST_HEADER = 12_000;

export interface Attribution {
  participant: string | null;
  spans?: SoundSpan[];
}

interface Piece {
  track: string;
  /** Whose track it is, where it is somebody's for good. */
  participant: string | null;
  startAtMs: number;
  endAtMs: number;
}

/** Says whose sound a piece is: as much as is certain, and what it will be known by later. */
export class Attributor {
  isMixed = false;
  private ownKeys: ReadonlySet<string> = new Set();
  private readonly sources = new Map<string, SpeakerTimeline>();
  private readonly shown = new SpeakerTimeline(SHOWN_LAG);
  private readonly namer = new SourceNamer();
  /** Tracks of which pieces went out before their owner was known. */
  private readonly unowned = new Set<string>();

  constructor(private readonly onLearned: (bindings: SourceBinding[]) => void) {}

  /** The others whom the page shows as speaking now. */
  get speaking(): string[] {
    return this.dropOwn(this.shown.active);
  }

  /** Whom of these the bot is not. */
  dropOwn(keys: readonly string[]): string[] {
    return keys.filter((key) => !this.ownKeys.has(key));
  }

  /** What the page shows of the bot itself is nobody's sound here. */
  setOwnKeys(keys: readonly string[]): void {
    this.ownKeys = new Set(keys);
  }

  noteSources(track: string, numbers: readonly number[], atMs: number): void {
    const timeline = this.sources.get(track) ?? new SpeakerTimeline(SOURCE_LAG);
    this.sources.set(track, timeline);
    timeline.note(
      numbers.map((number) => `csrc-${number}`),
      atMs,
    );
    this.learn(atMs);
  }

  noteSpeaking(keys: readonly string[], atMs: number): void {
    this.shown.note(keys, atMs);
    this.learn(atMs);
  }

  /** To be called now and then: evidence grows while nothing changes, too. */
  learn(atMs: number): void {
    const sources = [...this.sources.values()].flatMap((timeline) => timeline.active);
    const now = { sources: [...new Set(sources)], shown: this.speaking };
    this.tell(this.namer.observe(now, atMs));
  }

  learnOwner(track: string, participantKey: string): void {
    if (!this.unowned.delete(track)) return;
    this.tell([{ source: nameTrack(track), participantKey }]);
  }

  endTrack(track: string, atMs: number): void {
    this.sources.get(track)?.note([], atMs);
    this.learn(atMs);
  }

  attribute({ track, participant, startAtMs, endAtMs }: Piece): Attribution {
    if (participant !== null) return { participant };
    if (!this.isMixed) {
      this.unowned.add(track);
      const whole = { source: nameTrack(track), startMs: 0, endMs: endAtMs - startAtMs };
      return { participant, spans: [whole] };
    }
    const spans = (this.sources.get(track) ?? this.shown)
      .spansIn(startAtMs, endAtMs)
      .filter(({ source }) => !this.ownKeys.has(source))
      .flatMap((span) => this.namer.rename(span, startAtMs));
    return spans.length > 0 ? { participant, spans: fitHeader(spans) } : { participant };
  }

  private tell(bindings: SourceBinding[]): void {
    if (bindings.length > 0) this.onLearned(bindings);
  }
}

function nameTrack(track: string): string {
  return `track-${track}`;
}

/** Leaves the shortest spans out when there are more than can be told. */
function fitHeader(spans: SoundSpan[]): SoundSpan[] {
  let kept = spans;
  while (encodeURIComponent(JSON.stringify(kept)).length > LONGEST_HEADER) {
    const shortest = kept.reduce((a, b) => (a.endMs - a.startMs <= b.endMs - b.startMs ? a : b));
    kept = kept.filter((span) => span !== shortest);
  }
  return kept;
}
