/** Whether a text is meant as a link rather than as words; what it leads to, the API says. */
export function looksLikeLink(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text.trim());
}
