import type { Page } from 'playwright-core';

const prepared = new WeakSet<Page>();

/**
 * Zoom plays its sound in one of two ways: as tracks of WebRTC, or decoded by its own code and sent
 * to the speakers through Web Audio, where no track is to be found. Of the latter an <audio> element
 * gets a copy, like those that hold tracks.
 */
export async function letWebAudioBeHeard(page: Page): Promise<void> {
  if (prepared.has(page)) return;
  prepared.add(page);
  // NOTE: tsx's compiler wraps named functions in a helper that does not exist in the page.
  const content = `(() => {
    const __name = (named) => named;
    (${copyWebAudio.toString()})();
  })();`;
  await page.addInitScript({ content });
}

/** Runs in the page before its own scripts. */
function copyWebAudio(): void {
  const copies = new WeakMap<BaseAudioContext, MediaStreamAudioDestinationNode>();
  const { connect } = AudioNode.prototype;
  const copyOf = (context: AudioContext) => {
    const known = copies.get(context);
    if (known) return known;
    const copy = context.createMediaStreamDestination();
    copies.set(context, copy);
    const element = document.createElement('audio');
    element.muted = true;
    element.hidden = true;
    element.srcObject = copy.stream;
    document.documentElement.append(element);
    return copy;
  };
  const connectAndCopy = function (this: AudioNode, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(connect, this, args);
    const [target] = args;
    if (target instanceof AudioDestinationNode && target.context instanceof AudioContext) {
      Reflect.apply(connect, this, [copyOf(target.context)]);
    }
    return result;
  };
  Object.assign(AudioNode.prototype, { connect: connectAndCopy });
}
