/** Sends one thing after the other, in the order they were given. */
export class Outbox {
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly onError: (error: unknown) => void) {}

  add(send: () => Promise<void>): Promise<void> {
    this.tail = this.tail.then(send).catch(this.onError);
    return this.tail;
  }

  idle(): Promise<void> {
    return this.tail;
  }
}
