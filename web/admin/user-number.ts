/** Whether a text is a user's number, or nothing yet. */
export function isUserNumber(text: string): boolean {
  return /^\s*([1-9]\d{0,8})?\s*$/.test(text);
}

/** A filter by user; none for what is no number. */
export function toUserId(text: string): { userId?: number } {
  return text.trim() !== '' && isUserNumber(text) ? { userId: Number(text) } : {};
}
