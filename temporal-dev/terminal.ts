import { styleText } from 'node:util';
import type { Part } from './part';

/** One line of progress, with the seconds since the command began. */
export function say(text: string): void {
  const seconds = process.uptime().toFixed(0).padStart(4);
  console.log(`${styleText('gray', `${seconds} s`)}  ${text}`);
}

/** The line of a part that stands: state, address, what it is for. */
export function describePart(part: Part): string {
  const state = part.isExternal ? styleText('cyan', 'in use ') : styleText('green', 'running');
  return `${part.name.padEnd(14)} ${state}  ${part.address.padEnd(30)} ${part.purpose}`;
}
