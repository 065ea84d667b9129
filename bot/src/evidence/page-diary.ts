import type { Page } from 'playwright-core';

const LINES_KEPT = 200;
const NAVIGATIONS_KEPT = 20;
const LONGEST_LINE = 500;

/** What a page wrote to its console and where it went, as far as evidence may tell it. */
export class PageDiary {
  readonly lines: string[] = [];
  readonly navigations: string[] = [];

  follow(page: Page): void {
    page.on('console', (message) => this.write(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.write(`uncaught: ${error.message}`));
    page.on('requestfailed', (request) => {
      this.write(`request failed: ${request.failure()?.errorText} ${request.url()}`);
    });
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) keep(this.navigations, stripQueries(frame.url()));
      if (this.navigations.length > NAVIGATIONS_KEPT) this.navigations.shift();
    });
  }

  private write(text: string): void {
    keep(this.lines, `${new Date().toISOString()} ${stripQueries(text).slice(0, LONGEST_LINE)}`);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}

function keep(list: string[], entry: string): void {
  list.push(entry);
}

/** Queries and fragments of addresses carry passcodes and tokens. */
function stripQueries(text: string): string {
  return text.replace(/\b((?:https?|wss?|blob:https?):\/\/[^\s?#"'<>]+)[?#][^\s"'<>]*/g, '$1');
}
