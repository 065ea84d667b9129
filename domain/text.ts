/** PostgreSQL stores neither NUL nor lone halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** Whether the database can keep this text as it is. */
export function isStorableText(text: string): boolean {
  return text.search(UNSTORABLE) === -1;
}

/** The text with what the database cannot keep replaced by U+FFFD, the replacement character. */
export function toStorableText(text: string): string {
  return text.replace(UNSTORABLE, '\uFFFD');
}
