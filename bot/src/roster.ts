import type { ParticipantChange } from '../../domain/bot-api';
import { isKnownBot } from './known-bots';
import type { PersonInCall } from './platforms/platform';

/** Remembers who is in the call, and says what changed. */
export class Roster {
  private people = new Map<string, PersonInCall>();

  /** How many people there are beside the bot; other bots are no company. */
  get others(): number {
    return [...this.people.values()].filter((person) => !isBot(person)).length;
  }

  update(people: readonly PersonInCall[], atMs: number): ParticipantChange[] {
    const now = new Map(people.map((person) => [person.key, person]));
    const changes: ParticipantChange[] = [];
    for (const [key, person] of this.people) {
      if (!now.has(key)) changes.push(describeChange(person, 'left', atMs));
    }
    for (const [key, person] of now) {
      const before = this.people.get(key);
      if (!before) changes.push(describeChange(person, 'joined', atMs));
      else if (before.name !== person.name || before.isHost !== person.isHost) {
        changes.push(describeChange(person, 'renamed', atMs));
      }
    }
    this.people = now;
    return changes;
  }
}

function isBot({ isSelf, name }: PersonInCall): boolean {
  return isSelf || isKnownBot(name);
}

function describeChange(
  person: PersonInCall,
  change: ParticipantChange['change'],
  atMs: number,
): ParticipantChange {
  const { key, name, isHost } = person;
  return {
    key,
    name: name || null,
    change,
    isHost,
    isBot: isBot(person),
    atMs: Math.round(atMs),
  };
}
