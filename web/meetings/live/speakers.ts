import type { Segment } from '../../../domain/segment';
import { meeting } from '@/strings/meeting';

/** Hues that can be told apart, also by most people who see colours otherwise. */
const COLOURS = [
  'text-sky-800 dark:text-sky-300',
  'text-orange-800 dark:text-orange-300',
  'text-emerald-800 dark:text-emerald-300',
  'text-fuchsia-800 dark:text-fuchsia-300',
  'text-amber-800 dark:text-amber-300',
  'text-indigo-800 dark:text-indigo-300',
  'text-rose-800 dark:text-rose-300',
  'text-teal-800 dark:text-teal-300',
] as const;

const FILLS = [
  'bg-sky-600',
  'bg-orange-600',
  'bg-emerald-600',
  'bg-fuchsia-600',
  'bg-amber-600',
  'bg-indigo-600',
  'bg-rose-600',
  'bg-teal-600',
] as const;

const UNKNOWN = 'text-soft';

/** The colour of a speaker's name: the same wherever they are named in this meeting. */
export function speakerColour(speaker: Segment['speaker']): string {
  return speaker === null ? UNKNOWN : (COLOURS[speaker.id % COLOURS.length] ?? UNKNOWN);
}

/** The same colour as a filled bar. */
export function speakerFill(id: number): string {
  return FILLS[id % FILLS.length] ?? 'bg-soft';
}

export function nameSpeaker(speaker: Segment['speaker']): string {
  return speaker?.name ?? meeting.transcript.unknownSpeaker;
}
