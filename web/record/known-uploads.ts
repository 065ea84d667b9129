/** Which meetings a user's files belong to whose bytes have not all been sent; ids and names only. */
export class KnownUploads {
  private readonly key: string;

  constructor(userId: number) {
    this.key = `uploads-of-${userId}`;
  }

  find(file: File): number | undefined {
    return this.read()[fingerprint(file)];
  }

  note(file: File, meetingId: number): void {
    this.write({ ...this.read(), [fingerprint(file)]: meetingId });
  }

  drop(file: File): void {
    const { [fingerprint(file)]: _sent, ...others } = this.read();
    this.write(others);
  }

  private read(): Record<string, number> {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? '{}') as Record<string, number>;
    } catch {
      return {};
    }
  }

  private write(known: Record<string, number>): void {
    try {
      localStorage.setItem(this.key, JSON.stringify(known));
    } catch {
      // a browser may forbid it: then a file that is dropped again is sent from its beginning
    }
  }
}

function fingerprint({ name, size, lastModified }: File): string {
  return `${name}:${size}:${lastModified}`;
}
