/** For browsers of tests: WebRTC within this machine, a microphone without asking, no chatter. */
export const TEST_BROWSER_ARGUMENTS: readonly string[] = [
  '--no-sandbox',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  // with each window a process for the list of its tabs would be started, too
  '--disable-features=WebRtcHideLocalIpsWithMdns,PreloadTopChromeWebUI',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--mute-audio',
];
