import type { PersonInCall } from '../platform';
import type { CallPage, SeenPerson } from './call-page';

const ROSTER_LASTS_MS = 60_000;
const OWN_KEY = 'self';

/** Puts together who is in the call from the roster, which is not always open, and the tiles. */
export class People {
  private roster: Map<string, SeenPerson> | null = null;
  private hint = '';
  private readAtMs = 0;

  /** The roster and the chat share one pane: how often the one may take it from the other. */
  constructor(private readonly rosterPauseMs: number) {}

  /** Whether the roster should be looked at (again). */
  needsRoster({ hint }: CallPage, nowMs: number): boolean {
    if (!this.roster) return true;
    const ageMs = nowMs - this.readAtMs;
    return ageMs > ROSTER_LASTS_MS || (hint !== this.hint && ageMs > this.rosterPauseMs);
  }

  /**
   * Everybody in the call, the bot first. Who has gone is known from the roster only, where it can
   * be opened: tiles also go because the stage has no room.
   */
  update(seen: CallPage, ownName: string, canOpenRoster: boolean): PersonInCall[] {
    if (seen.isRosterOpen) this.remember(seen);
    const people = new Map(seen.isRosterOpen || canOpenRoster ? this.roster : null);
    for (const tile of seen.tiles) {
      const key = this.keyOf(tile) ?? (canOpenRoster ? null : `name:${tile.name}`);
      if (key === null) continue;
      const known = people.get(key);
      const isNewer = !known || !seen.isRosterOpen;
      if (isNewer) people.set(key, { ...tile, key, isHost: known?.isHost ?? false });
    }
    const others = [...people].filter(([, { name }]) => name !== ownName);
    const own = [...people.values()].find(({ name }) => name === ownName);
    return [
      { key: OWN_KEY, name: ownName, isHost: own?.isHost ?? false, isSelf: true },
      ...others.map(([key, { name, isHost }]) => ({ key, name, isHost, isSelf: false })),
    ];
  }

  /** Keys by name for tiles without an id; a name that two people have names nobody. */
  keysByName(people: readonly PersonInCall[]): Record<string, string> {
    const names = people.map(({ name }) => name);
    const unique = people.filter(
      ({ name, isSelf }) => !isSelf && names.filter((one) => one === name).length === 1,
    );
    return Object.fromEntries(unique.map(({ name, key }) => [name, key]));
  }

  private remember(seen: CallPage): void {
    this.roster = new Map(
      seen.roster.map((person) => [person.key ?? `name:${person.name}`, person]),
    );
    this.hint = seen.hint;
    this.readAtMs = performance.now();
  }

  private keyOf(tile: SeenPerson): string | null {
    if (tile.key !== null) return tile.key;
    const [first, second] = [...(this.roster ?? [])].filter(([, { name }]) => name === tile.name);
    return first && !second ? first[0] : null;
  }
}
