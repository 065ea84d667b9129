import { readFileSync } from 'node:fs';
import { create } from 'fontkit';

/** DejaVu Sans: Latin, Greek, Cyrillic, Armenian, Georgian and many signs. */
export const FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
export const BOLD_FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/** pdfkit sets every line from left to right, which turns these round. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const BOX = '□';

let known: ReadonlySet<number> | null = null;

/** The letters that both fonts have. */
function readKnown(): ReadonlySet<number> {
  if (known) return known;
  const [text, bold] = [FONT, BOLD_FONT].map((file) => {
    const font = create(readFileSync(file));
    if (!('characterSet' in font)) throw new Error(`Expected one font in ${file}`);
    return font.characterSet;
  });
  const both = new Set(bold);
  known = new Set(text?.filter((letter) => both.has(letter)));
  return known;
}

function isMissing(letter: string): boolean {
  if (/\s/.test(letter)) return false;
  return !readKnown().has(letter.codePointAt(0) ?? 0) || RIGHT_TO_LEFT.test(letter);
}

/** How many letters of the text would be shown as boxes. */
export function countMissing(text: string): number {
  return [...text].filter(isMissing).length;
}

/** The text with a box for each letter that cannot be shown, never another letter. */
export function replaceMissing(text: string): string {
  return [...text.replace(/\s+/g, ' ')]
    .map((letter) => (isMissing(letter) ? BOX : letter))
    .join('');
}
