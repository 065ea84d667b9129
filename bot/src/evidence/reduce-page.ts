/**
 * Runs in the page: its elements without what people wrote or said. Kept are tags, ids, classes,
 * roles, data- and aria- attributes; texts of headings, buttons and dialogs only. It must not use
 * anything from outside its own body.
 */
export function reducePage(): string {
  const MOST_ELEMENTS = 8_000;
  const LONGEST_VALUE = 150;
  const SKIPPED = 'script, style, noscript, template, link, meta, head, title';
  const TOLD = 'h1, h2, h3, h4, h5, h6, button, dialog, [role="heading"], [role="button"]';
  const DIALOGS = '[role="dialog"], [role="alertdialog"], [role="alert"]';
  const PRIVATE =
    '[role="log"], textarea, input, [contenteditable="true"], [class*="caption" i], [class*="chat" i], [class*="transcript" i], [data-tid*="caption" i], [data-tid*="message" i], [aria-label*="caption" i], [aria-label*="chat" i]';
  const KEPT = /^(id|class|role|type|name|for|hidden|disabled|jsname|data-.+|aria-.+)$/;
  const lines: string[] = [];
  let elements = 0;

  const escape = (text: string) =>
    text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`).slice(0, LONGEST_VALUE * 2);
  const tidy = (text: string) =>
    text
      .replace(/((?:https?|wss?):\/\/[^\s?#]+)[?#]\S*/g, '$1')
      .replace(/\s+/g, ' ')
      .slice(0, LONGEST_VALUE);
  const describe = (element: Element) =>
    Array.from(element.attributes)
      .filter(({ name }) => KEPT.test(name))
      .map(({ name, value }) => ` ${name}="${escape(tidy(value))}"`)
      .join('');
  const isTold = (element: Element) =>
    element.closest(`${TOLD}, ${DIALOGS}`) !== null && element.closest(PRIVATE) === null;

  const walk = (node: Node, depth: number): void => {
    const indent = ' '.repeat(Math.min(depth, 40));
    if (node instanceof Text) {
      const text = tidy(node.data).trim();
      if (text && node.parentElement && isTold(node.parentElement)) {
        lines.push(`${indent}${escape(text)}`);
      }
      return;
    }
    if (!(node instanceof Element) || node.matches(SKIPPED) || elements >= MOST_ELEMENTS) return;
    elements += 1;
    const tag = node.tagName.toLowerCase();
    const isHidden = !node.checkVisibility({ visibilityProperty: true });
    lines.push(`${indent}<${tag}${describe(node)}${isHidden ? ' data-not-shown' : ''}>`);
    if (tag !== 'svg') {
      for (const child of node.shadowRoot?.childNodes ?? []) walk(child, depth + 1);
      for (const child of node.childNodes) walk(child, depth + 1);
    }
    lines.push(`${indent}</${tag}>`);
  };
  if (document.body) walk(document.body, 0);
  return lines.join('\n');
}
