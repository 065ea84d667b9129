import type { SourceBinding } from '../../../domain/bot-api';

/** Signs on the page lag behind the sound: what is seen counts once both have been steady so long. */
const STEADY_MS = 400;
const ENOUGH_MS = 1_500;
const ENOUGH_SHARE = 0.8;
/** A person whose sound seems to have moved to another source needs better evidence. */
const MOVED_MS = 4_000;
const MOVED_SHARE = 0.9;

/**
 * Learns which person a contributing source is, from the moments in which exactly one source is
 * active and the page shows exactly one person as speaking. What it has said it does not take back.
 */
export class SourceNamer {
  private sources: readonly string[] = [];
  private shown: readonly string[] = [];
  private steadySinceMs = 0;
  private countedUntilMs = 0;
  /** By source, then by person: for how long both were alone. */
  private readonly evidence = new Map<string, Map<string, number>>();
  private readonly bound = new Map<string, string>();

  /** Tells what is active from now on; returns what became certain by what was before. */
  observe(now: { sources: readonly string[]; shown: readonly string[] }, atMs: number) {
    const learned = this.count(atMs);
    if (!areSame(now.sources, this.sources) || !areSame(now.shown, this.shown)) {
      this.sources = now.sources;
      this.shown = now.shown;
      this.steadySinceMs = atMs;
    }
    this.countedUntilMs = atMs;
    return learned;
  }

  private count(atMs: number): SourceBinding[] {
    const [source, ...otherSources] = this.sources;
    const [person, ...otherPeople] = this.shown;
    if (source === undefined || person === undefined) return [];
    if (otherSources.length > 0 || otherPeople.length > 0) return [];
    const fromMs = Math.max(this.countedUntilMs, this.steadySinceMs + STEADY_MS);
    if (atMs <= fromMs) return [];
    const people = this.evidence.get(source) ?? new Map<string, number>();
    people.set(person, (people.get(person) ?? 0) + atMs - fromMs);
    this.evidence.set(source, people);
    return this.decide(source, people);
  }

  private decide(source: string, people: ReadonlyMap<string, number>): SourceBinding[] {
    if (this.bound.has(source)) return [];
    const total = [...people.values()].reduce((sum, ms) => sum + ms, 0);
    const isTaken = (person: string) => [...this.bound.values()].includes(person);
    for (const [person, ms] of people) {
      const [enoughMs, enoughShare] = isTaken(person)
        ? [MOVED_MS, MOVED_SHARE]
        : [ENOUGH_MS, ENOUGH_SHARE];
      if (ms < enoughMs || ms / total < enoughShare) continue;
      this.bound.set(source, person);
      return [{ source, participantKey: person }];
    }
    return [];
  }
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
