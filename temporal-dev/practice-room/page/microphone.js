/** The person's own microphone: opened when first wanted, muted by switching its track off. */
export class Microphone {
  #track = null;
  #meter = null;

  constructor({ deviceId, originalSound }) {
    this.deviceId = deviceId;
    this.originalSound = originalSound;
  }

  get isOn() {
    return this.#track?.enabled === true && this.#track.readyState === 'live';
  }

  async switchOn() {
    if (this.#track?.readyState !== 'live') await this.#open();
    this.#track.enabled = true;
    return this.#track;
  }

  switchOff() {
    if (this.#track) this.#track.enabled = false;
  }

  stop() {
    this.#track?.stop();
  }

  level() {
    if (!this.isOn || !this.#meter) return 0;
    const samples = new Float32Array(this.#meter.fftSize);
    this.#meter.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  }

  async #open() {
    const processing = !this.originalSound;
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        deviceId: this.deviceId ? { exact: this.deviceId } : undefined,
        echoCancellation: processing,
        noiseSuppression: processing,
        autoGainControl: processing,
      },
    });
    [this.#track] = stream.getAudioTracks();
    const context = new AudioContext();
    this.#meter = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(this.#meter);
  }
}

/** Fills a menu with the microphones whose names the browser is willing to tell. */
export async function listMicrophones(menu) {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  for (const device of devices) {
    if (device.kind !== 'audioinput' || !device.label || device.deviceId === 'default') continue;
    menu.add(new Option(device.label, device.deviceId), menu.options.length - 1);
  }
}
