import type { Segment } from '../../../domain/segment';
import { meeting } from '@/strings/meeting';

/** Hues that can be told apart, also by most people who see colours otherwise. */
const COLOURS = [
  {
    text: 'text-sky-800 dark:text-sky-300',
    soft: 'bg-sky-100 dark:bg-sky-950',
    fill: 'bg-sky-600',
    mark: 'fill-sky-600 dark:fill-sky-500',
  },
  {
    text: 'text-orange-800 dark:text-orange-300',
    soft: 'bg-orange-100 dark:bg-orange-950',
    fill: 'bg-orange-600',
    mark: 'fill-orange-600 dark:fill-orange-500',
  },
  {
    text: 'text-emerald-800 dark:text-emerald-300',
    soft: 'bg-emerald-100 dark:bg-emerald-950',
    fill: 'bg-emerald-600',
    mark: 'fill-emerald-600 dark:fill-emerald-500',
  },
  {
    text: 'text-fuchsia-800 dark:text-fuchsia-300',
    soft: 'bg-fuchsia-100 dark:bg-fuchsia-950',
    fill: 'bg-fuchsia-600',
    mark: 'fill-fuchsia-600 dark:fill-fuchsia-500',
  },
  {
    text: 'text-indigo-800 dark:text-indigo-300',
    soft: 'bg-indigo-100 dark:bg-indigo-950',
    fill: 'bg-indigo-600',
    mark: 'fill-indigo-600 dark:fill-indigo-500',
  },
  {
    text: 'text-teal-800 dark:text-teal-300',
    soft: 'bg-teal-100 dark:bg-teal-950',
    fill: 'bg-teal-600',
    mark: 'fill-teal-600 dark:fill-teal-500',
  },
  {
    text: 'text-rose-800 dark:text-rose-300',
    soft: 'bg-rose-100 dark:bg-rose-950',
    fill: 'bg-rose-600',
    mark: 'fill-rose-600 dark:fill-rose-500',
  },
  {
    text: 'text-amber-800 dark:text-amber-300',
    soft: 'bg-amber-100 dark:bg-amber-950',
    fill: 'bg-amber-600',
    mark: 'fill-amber-600 dark:fill-amber-500',
  },
] as const;

const UNKNOWN = { text: 'text-soft', soft: 'bg-hover', fill: 'bg-soft', mark: 'fill-soft' };

/** A speaker's colour as text, as a ground, as a bar and in a drawing: one hue wherever they are in this meeting. */
export function speakerColour(id: number | null): Readonly<typeof UNKNOWN> {
  return id === null ? UNKNOWN : (COLOURS[id % COLOURS.length] ?? UNKNOWN);
}

export function nameSpeaker(speaker: Segment['speaker']): string {
  return speaker?.name ?? meeting.transcript.unknownSpeaker;
}

/** The first letters of the first and the last word of a name; a question mark for none. */
export function initialsOf(name: string | null): string {
  const words = (name ?? '').split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const letters = [first, last].flatMap((word) => [...(word ?? '')][0] ?? []);
  return letters.length === 0 ? '?' : letters.join('').toUpperCase();
}
