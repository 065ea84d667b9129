const options = new URLSearchParams(location.search);
const list = document.querySelector('ul');
const untiled = [];

const tileOf = (key) => {
  const known = [...list.children].find(({ dataset }) => dataset.person === key);
  if (known) return known;
  const tile = list.appendChild(document.createElement('li'));
  tile.dataset.person = key;
  return tile;
};

const play = ({ track, label }) => {
  const element = new Audio();
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  if (options.has('mixed')) document.body.append(element);
  else if (options.has('late-tiles')) untiled.push({ element, label });
  else tileOf(label).append(element);
  meetingPage.tell('track', { label });
};

const playTone = () => {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const tone = new OscillatorNode(context, { frequency: 300 });
  tone.connect(destination);
  tone.start();
  const element = document.body.appendChild(new Audio());
  element.srcObject = destination.stream;
};

meetingPage.onState(({ areTilesShown }) => {
  if (!areTilesShown) return;
  for (const { element, label } of untiled.splice(0)) tileOf(label).append(element);
});
meetingPage.onSpeaking((people) => {
  for (const key of people) tileOf(key);
  for (const tile of list.children) {
    tile.toggleAttribute('data-speaking', people.includes(tile.dataset.person));
  }
});
if (options.has('no-connection')) playTone();
else {
  meetingPage.receiveSound({
    onTrack: play,
    onConnection: (state) => meetingPage.tell(`sound-${state}`),
    hasContributingSources: options.has('mixed'),
  });
}
