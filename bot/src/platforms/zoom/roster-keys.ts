import { createHash } from 'node:crypto';
import type { PersonInCall } from '../platform';
import type { CallPage, SeenPerson } from './read-call';

const SELF_KEY = 'self';

/**
 * Gives everybody in a Zoom call a key. Where the page yields Zoom's number of a person in this call
 * the key is made of that: it outlasts a new name and tells two people of one name apart. Where it
 * does not, the key is made of the name: somebody renamed counts as left and joined, and people who
 * share a name are counted but never named as speaking, from then on to the end of the call.
 */
export class RosterKeys {
  private readonly sharedNames = new Set<string>();
  private known: PersonInCall[] = [];

  constructor(private readonly ownName: string) {}

  get people(): PersonInCall[] {
    return this.known;
  }

  /** Whose name stands for which key; names that do not say who it is are missing. */
  get keysByName(): Record<string, string> {
    const named = this.known.filter(
      ({ name, isSelf }) => !isSelf && name !== '' && !this.sharedNames.has(name),
    );
    return Object.fromEntries(named.map(({ name, key }) => [name, key]));
  }

  /**
   * While the panel is closed, those who were there still are, as long as the page counts others. Where
   * it counts nobody the bot is alone, unless tiles show somebody.
   */
  update({ people, count, tiles }: Pick<CallPage, 'people' | 'count' | 'tiles'>): void {
    if (people) this.known = this.keep(this.identify(people), people, count);
    else if ((count ?? 0) < 2) this.known = this.identify(this.readTiles(tiles));
    else if (this.known.length === 0) this.known = this.identify([this.self]);
  }

  private get self(): SeenPerson {
    return { id: null, name: this.ownName, isHost: false, isSelf: true };
  }

  private readTiles(tiles: readonly string[]): SeenPerson[] {
    const others = [...new Set(tiles)].filter((name) => name !== this.ownName);
    return [this.self, ...others.map((name) => ({ ...this.self, name, isSelf: false }))];
  }

  private identify(people: readonly SeenPerson[]): PersonInCall[] {
    const seen = new Map<string, number>();
    for (const { name } of people) {
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      if (times > 1) this.sharedNames.add(name);
    }
    const taken = new Map<string, number>();
    return people.map(({ id, name, isHost, isSelf }) => {
      const times = (taken.get(name) ?? 0) + 1;
      taken.set(name, times);
      const key = id ? `zoom-${id}` : makeNameKey(name, times);
      return { key: isSelf ? SELF_KEY : key, name, isHost, isSelf };
    });
  }

  /** A long panel has only the rows in view: those who were seen before are there as long as they fit. */
  private keep(
    seen: PersonInCall[],
    people: readonly SeenPerson[],
    count: number | null,
  ): PersonInCall[] {
    const isWhole = people.every(({ id }) => id !== null) || seen.length >= (count ?? 0);
    if (isWhole) return seen;
    const keys = new Set(seen.map(({ key }) => key));
    const unseen = this.known.filter(({ key }) => !keys.has(key));
    return seen.length + unseen.length > (count ?? 0) ? seen : [...seen, ...unseen];
  }
}

/** Keys get into logs, names may not. */
function makeNameKey(name: string, times: number): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return times === 1 ? `name-${hash}` : `name-${hash}-${times}`;
}
