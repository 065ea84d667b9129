/**
 * How other note-taking bots call themselves in a call. Nothing but the name tells them from people:
 * somebody who takes such a name does not keep the bot in, which costs a meeting of one its bot and
 * nothing else. Bare words that are people's names too (Otter, Read, Fathom) count only with what
 * the product adds to them. Names as their makers' help pages and users showed them on 2026-11-24.
 */
const KNOWN_BOTS: readonly RegExp[] = [
  // whoever says so: "Maya's Notetaker", "AI Note Taker", "Meeting Assistant", our own bots
  /\bnote[- ]?taker\b/i,
  /\b(ai|meeting) (assistant|recorder|notes)\b/i,
  /\botter ?\.ai\b|\botter ?pilot\b|\botter (assistant|meeting agent)\b/i,
  /\bfireflies(\.ai)?\b|\bfred (from )?fireflies\b/i,
  /\bread ?\.ai\b|\bread (ai|assistant|meeting)\b/i,
  /\bfathom ?(\.(ai|video)|ai|assistant)\b/i,
  /\btl;?dv\b/i,
  /\brecall ?\.ai\b/i,
  /\bgong(\.io)?$|\bgong (assistant|recorder|bot)\b/i,
  /\bavoma\b/i,
  /\bmeetgeek\b/i,
  /\bsembly\b/i,
  /\bkrisp\b/i,
  /\bchorus(\.ai| (by zoominfo|assistant|recorder))/i,
  /\bgrain(\.com| (assistant|recorder|ai))/i,
  /\bsupernormal\b/i,
  /\bmeeting ?baas\b/i,
];

/** Whether a person in the call is another bot that takes notes, by its name. */
export function isKnownBot(name: string): boolean {
  return KNOWN_BOTS.some((pattern) => pattern.test(name));
}
