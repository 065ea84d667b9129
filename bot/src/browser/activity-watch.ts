export interface HeardReceiver {
  track: string;
  receiver: RTCRtpReceiver;
}

export interface ActivityWatchOptions {
  /** The receivers of mixed sound that are being heard. */
  listReceivers(): HeardReceiver[];
  onSources(track: string, sources: number[]): void;
  readSpeaking: (() => string[]) | null;
  onSpeaking(keys: string[]): void;
  readLastSpeakers: (() => string[]) | null;
  onLastSpeakers(keys: string[]): void;
}

/**
 * Tells which contributing sources are active and whom the page shows as speaking, whenever either
 * changes. Runs inside the page: it must not use anything from outside its own body.
 */
export function watchActivity(options: ActivityWatchOptions): void {
  const SOURCES_INTERVAL_MS = 100;
  const SPEAKING_INTERVAL_MS = 200;
  /** A source that was last mixed in longer ago is silent. */
  const ACTIVE_MS = 400;
  const told = new Map<string, string>();

  const ageOf = ({ timestamp }: RTCRtpContributingSource): number => {
    const now = performance.now();
    // Chromium has counted these from 1970 as well as from the page's start.
    return Math.min(Math.abs(now - timestamp), Math.abs(performance.timeOrigin + now - timestamp));
  };
  const readSources = () => {
    const heard = options.listReceivers();
    for (const { track, receiver } of heard) {
      const active = receiver
        .getContributingSources()
        .filter((source) => ageOf(source) < ACTIVE_MS && (source.audioLevel ?? 1) > 0)
        .map(({ source }) => source)
        .sort((a, b) => a - b);
      if (String(active) === (told.get(track) ?? '')) continue;
      told.set(track, String(active));
      options.onSources(track, active);
    }
    for (const track of told.keys()) {
      if (!heard.some((one) => one.track === track)) told.delete(track);
    }
  };
  const watchPage = (read: (() => string[]) | null, tell: (keys: string[]) => void) => {
    if (!read) return;
    // A page that was loaded anew says at once that nobody is shown yet; a frame in it has no say.
    let toldKeys = window === window.top ? '' : '[]';
    setInterval(() => {
      let keys: string[];
      try {
        keys = [...new Set(read())].filter(Boolean).sort();
      } catch {
        // A page in the middle of a change; a table that no longer fits shows nobody.
        keys = [];
      }
      if (JSON.stringify(keys) === toldKeys) return;
      toldKeys = JSON.stringify(keys);
      tell(keys);
    }, SPEAKING_INTERVAL_MS);
  };
  setInterval(readSources, SOURCES_INTERVAL_MS);
  watchPage(options.readSpeaking, options.onSpeaking);
  watchPage(options.readLastSpeakers, options.onLastSpeakers);
}
