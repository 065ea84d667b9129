/** A sign may outlast the words by this much. */
const HELD_MS = 1_000;
/** Shown for so long in all while nobody is heard, a sign says nothing of who speaks. */
const STUCK_MS = 5_000;
const LONGEST_MS = 2 * STUCK_MS;

/**
 * Knows the people whom the page shows as speaking whoever speaks: their sign is on while nobody is
 * heard. It is trusted again once it has been off for as long.
 */
export class StuckSigns {
  private readonly unheardMs = new Map<string, number>();
  private shown: readonly string[] = [];
  private silentSinceMs: number | null = null;
  private lastMs = 0;

  /** Tells what is so from now on. */
  note({ shown, isHeard }: { shown: readonly string[]; isHeard: boolean }, atMs: number): void {
    const silentMs =
      this.silentSinceMs === null ? 0 : atMs - Math.max(this.lastMs, this.silentSinceMs + HELD_MS);
    for (const person of new Set([...this.unheardMs.keys(), ...this.shown])) {
      const isShown = this.shown.includes(person);
      const ms = isShown ? Math.max(0, silentMs) : this.lastMs - atMs;
      const unheardMs = (this.unheardMs.get(person) ?? 0) + ms;
      if (unheardMs > 0) this.unheardMs.set(person, Math.min(unheardMs, LONGEST_MS));
      else this.unheardMs.delete(person);
    }
    this.shown = shown;
    this.silentSinceMs = isHeard ? null : (this.silentSinceMs ?? atMs);
    this.lastMs = atMs;
  }

  has(person: string): boolean {
    return (this.unheardMs.get(person) ?? 0) >= STUCK_MS;
  }

  drop(people: readonly string[]): string[] {
    return people.filter((person) => !this.has(person));
  }
}
