meetingPage.onState(({ title }) => (document.querySelector('h1').textContent = title));
meetingPage.onSpeaking((people) => (document.querySelector('ul').dataset.speaking = people.join()));

// What is heard on each track: the loudest sample of each 20 ms or so, on the wall clock.
const context = new AudioContext();
window.heard = {};
const listen = ({ track, receiver, stream, label }) => {
  const element = new Audio();
  element.srcObject = new MediaStream([track]);
  element.play();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(element.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  window.heard[label] = [];
  window.readSources = () => receiver.getContributingSources().map((one) => one.source);
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const level = samples.reduce((loudest, one) => Math.max(loudest, Math.abs(one)), 0);
    window.heard[label].push({ atMs: Date.now(), level });
  }, 20);
  meetingPage.tell('track', { label, streamId: stream?.id ?? null });
};
meetingPage.receiveSound({
  onTrack: listen,
  onConnection: (state) => meetingPage.tell(`sound-${state}`),
  hasContributingSources: true,
});
meetingPage.tell('opened', { path: location.pathname, query: location.search });
