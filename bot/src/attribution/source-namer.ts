import type { SoundSpan, SourceBinding } from '../../../domain/bot-api';
import { StuckSigns } from './stuck-signs';

/** Signs on the page lag behind the sound: what is seen counts once both have been steady so long. */
const STEADY_MS = 400;
const ENOUGH_MS = 1_500;
const ENOUGH_SHARE = 0.8;
/** So much more must speak against what was learnt than for it, to count as learnt no more. */
const DOUBT_MS = 3_000;
/** How late a source may be told as active; between two of its turns there is more time. */
const ONSET_MS = 300;

/** What speaks for and against a source's being a person, since something first spoke for it. */
interface Evidence {
  forMs: number;
  againstMs: number;
  /** Both were off at once: a sign that goes on with its person goes off with them, too. */
  hasRested: boolean;
}

interface Bound {
  person: string;
  doubtMs: number;
  agreedAtMs: number;
  /** Since when somebody else is shown when this source is heard. */
  contestedSinceMs: number | null;
}

/**
 * Learns which person a contributing source is, from the moments in which exactly one source is
 * active and the page shows exactly one person as speaking. The same moments speak against that
 * person's being another source, and against that source's being another person. Nobody is two
 * sources at once. A source that turns out to be somebody else's goes by another key from then on,
 * since what was sent under the first cannot be told apart any more.
 */
export class SourceNamer {
  private sources: readonly string[] = [];
  private shown: readonly string[] = [];
  private readonly stuck = new StuckSigns();
  private readonly activeSince = new Map<string, number>();
  private steadySinceMs = 0;
  private countedUntilMs = 0;
  /** By source, then by person. */
  private readonly evidence = new Map<string, Map<string, Evidence>>();
  private readonly bound = new Map<string, Bound>();
  /** By source: from when on it goes by which other key. */
  private readonly renamed = new Map<string, { fromMs: number; key: string }[]>();

  /** Tells what is active from now on; returns what became certain by what was before. */
  observe(now: { sources: readonly string[]; shown: readonly string[] }, atMs: number) {
    const learned = this.count(atMs);
    this.stuck.note({ shown: now.shown, isHeard: now.sources.length > 0 }, atMs);
    const shown = this.stuck.drop(now.shown);
    if (!areSame(now.sources, this.sources) || !areSame(shown, this.shown)) {
      for (const source of now.sources) {
        if (!this.sources.includes(source)) this.activeSince.set(source, atMs);
      }
      this.sources = now.sources;
      this.shown = shown;
      this.steadySinceMs = atMs;
    }
    this.countedUntilMs = atMs;
    return learned;
  }

  /** The span under the keys that its source went by in that time. */
  rename({ source, startMs, endMs }: SoundSpan, startAtMs: number): SoundSpan[] {
    const keys = [{ fromMs: -Infinity, key: source }, ...(this.renamed.get(source) ?? [])];
    return keys.flatMap(({ fromMs, key }, index) => {
      const untilMs = keys[index + 1]?.fromMs ?? Infinity;
      const from = Math.max(startMs, Math.round(fromMs - startAtMs));
      const until = Math.min(endMs, Math.round(untilMs - startAtMs));
      return until > from ? [{ source: key, startMs: from, endMs: until }] : [];
    });
  }

  private count(atMs: number): SourceBinding[] {
    const fromMs = Math.max(this.countedUntilMs, this.steadySinceMs + STEADY_MS);
    if (atMs <= fromMs) return [];
    this.noteRest();
    const [source, ...otherSources] = this.sources;
    const [person, ...otherPeople] = this.shown;
    const isOne = otherSources.length === 0 && otherPeople.length === 0;
    if (isOne && source !== undefined && person !== undefined) {
      this.weigh(source, person, atMs - fromMs);
      this.judge({ source, person }, atMs - fromMs, atMs);
    }
    return this.decide();
  }

  private noteRest(): void {
    for (const [source, people] of this.evidence) {
      if (this.sources.includes(source)) continue;
      for (const [person, evidence] of people) {
        evidence.hasRested ||= !this.shown.includes(person) && !this.stuck.has(person);
      }
    }
  }

  private weigh(source: string, person: string, ms: number): void {
    const people = this.evidence.get(source) ?? new Map<string, Evidence>();
    this.evidence.set(source, people);
    const evidence = people.get(person) ?? { forMs: 0, againstMs: 0, hasRested: false };
    people.set(person, evidence);
    evidence.forMs += ms;
    for (const [other, all] of this.evidence) {
      for (const [somebody, one] of all) {
        if ((other === source) !== (somebody === person)) one.againstMs += ms;
      }
    }
  }

  private judge({ source, person }: { source: string; person: string }, ms: number, atMs: number) {
    for (const [other, one] of this.bound) {
      if ((other === source) === (one.person === person)) {
        if (other !== source) continue;
        one.doubtMs = Math.max(0, one.doubtMs - ms);
        one.agreedAtMs = atMs;
        one.contestedSinceMs = null;
        continue;
      }
      if (other === source) {
        const sinceMs = (this.activeSince.get(source) ?? atMs) - ONSET_MS;
        one.contestedSinceMs ??= Math.max(sinceMs, one.agreedAtMs);
      }
      one.doubtMs += ms;
      if (one.doubtMs >= DOUBT_MS) this.unlearn(other, one.contestedSinceMs ?? atMs);
    }
  }

  private unlearn(source: string, fromMs: number): void {
    this.bound.delete(source);
    this.evidence.delete(source);
    const keys = this.renamed.get(source) ?? [];
    this.renamed.set(source, [...keys, { fromMs, key: `${source}-${keys.length + 2}` }]);
  }

  private decide(): SourceBinding[] {
    const learned: SourceBinding[] = [];
    const taken = new Set([...this.bound.values()].map(({ person }) => person));
    for (const [source, people] of this.evidence) {
      if (this.bound.has(source)) continue;
      const [person] = [...people].find(([one, all]) => !taken.has(one) && isEnough(all)) ?? [];
      if (person === undefined) continue;
      taken.add(person);
      const agreedAtMs = this.countedUntilMs;
      this.bound.set(source, { person, doubtMs: 0, agreedAtMs, contestedSinceMs: null });
      const key = this.renamed.get(source)?.at(-1)?.key ?? source;
      learned.push({ source: key, participantKey: person });
    }
    return learned;
  }
}

function isEnough({ forMs, againstMs, hasRested }: Evidence): boolean {
  return hasRested && forMs >= ENOUGH_MS && forMs / (forMs + againstMs) >= ENOUGH_SHARE;
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
