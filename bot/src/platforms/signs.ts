import type { Page } from 'playwright-core';
import { z } from 'zod';

/** One thing to look for on a platform's page: the only place that knows what the page is made of. */
export interface Sign {
  /** CSS selectors; any visible element that matches one counts. The best comes first. */
  css?: readonly string[];
  /** English texts, any of which counts, in visible elements only. The browser's language is pinned. */
  text?: readonly string[];
  /** The selectors count for elements that are not visible too. */
  isHidden?: boolean;
  /** Day on which it was last seen working, and on what that rests. */
  lastSeen: string;
  source: string;
}

/** All signs of a platform by name. Names may be told to anyone: they hold nothing of a meeting. */
export type SignTable = Readonly<Record<string, Sign>>;

const overrideSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.strictObject({
      css: z.array(z.string().min(1)).optional(),
      text: z.array(z.string().min(1)).optional(),
    }),
  ),
);
/** By platform, then by sign: what takes the place of the table's own selectors or texts. */
export type SignOverrides = z.infer<typeof overrideSchema>;

/** Checks the operator's overrides; throws an error that names what is wrong. */
export function parseSignOverrides(content: unknown): SignOverrides {
  const parsed = overrideSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`Selector overrides are wrong:\n${z.prettifyError(parsed.error)}`);
}

/** The table with an operator's changes; throws for a sign that the table does not have. */
export function overrideSigns<Table extends SignTable>(
  table: Table,
  changes: SignOverrides[string] | undefined,
): Table {
  const unknown = Object.keys(changes ?? {}).filter((name) => !(name in table));
  if (unknown.length > 0) {
    throw new Error(
      `Selector overrides name ${unknown.join(', ')}; known are ${Object.keys(table).join(', ')}`,
    );
  }
  const merged = Object.entries(table).map(([name, sign]) => [
    name,
    { ...sign, ...changes?.[name] },
  ]);
  return Object.fromEntries(merged) as Table;
}

/** The selectors of every sign by name, as `readSpeaking` gets them. */
export function listSelectors(table: SignTable): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(table).map(([name, { css }]) => [name, css ?? []]));
}

/** The table without its texts, for pages on which people may write and be called anything. */
export function withoutTexts(table: SignTable): SignTable {
  const marks = Object.entries(table).map(([name, { text: _, ...sign }]) => [name, sign]);
  return Object.fromEntries(marks) as SignTable;
}

/** One selector for all alternatives of a sign, for Playwright's own actions. */
export function selectorOf(sign: Sign): string {
  return (sign.css ?? []).join(', ');
}

/** The names of all signs that the page shows now, found in one go. */
export function readSigns(page: Pick<Page, 'evaluate'>, table: SignTable): Promise<Set<string>> {
  const wanted = Object.entries(table).map(([name, { css, text, isHidden }]) => ({
    name,
    css: css ?? [],
    text: (text ?? []).map((each) => each.toLowerCase()),
    isHidden: isHidden ?? false,
  }));
  return page.evaluate(findSigns, wanted).then((names) => new Set(names));
}

/** Runs in the page. */
function findSigns(
  wanted: { name: string; css: readonly string[]; text: string[]; isHidden: boolean }[],
): string[] {
  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true });
  // innerText leaves out what is not displayed, and is dear
  const isText = wanted.some(({ text }) => text.length > 0);
  const shown =
    isText && document.body?.innerText.toLowerCase().replaceAll('’', "'").replace(/\s+/g, ' ');
  return wanted
    .filter(({ css, text, isHidden }) => {
      const isThere = css.some((selector) =>
        Array.from(document.querySelectorAll(selector)).some((one) => isHidden || isVisible(one)),
      );
      return isThere || text.some((each) => shown && shown.includes(each));
    })
    .map(({ name }) => name);
}
