import { bots } from '@/strings/bots';
import { time } from '@/strings/time';
import type { SelectOption } from '@/ui/select';

/** The languages that Whisper knows, as domain/languages.ts lists them. */
const CODES =
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh yue';

/** To choose from, by name; first that it be detected. */
export function listLanguages(): SelectOption<string>[] {
  const names = new Intl.DisplayNames(time.locale, { type: 'language' });
  const known = CODES.split(' ')
    // Whisper's own code of Javanese
    .map((value) => ({ value, label: names.of(value === 'jw' ? 'jv' : value) ?? value }))
    .sort((a, b) => a.label.localeCompare(b.label, time.locale));
  return [{ value: 'detect', label: bots.detect }, ...known];
}
