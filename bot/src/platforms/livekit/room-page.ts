import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as Livekit from 'livekit-client';
import type { Page } from 'playwright-core';

/** Made up: the page is served by interception. Browsers give microphones to https only. */
const ORIGIN = 'https://livekit-room.invalid';
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export interface RoomPageSettings {
  url: string;
  token: string;
  name: string;
}

/**
 * A page of our own for a bare LiveKit server: everyone's sound and no video, in the markup of
 * LiveKit's components as far as signs.ts looks for it.
 */
export async function openRoomPage(page: Page, settings: RoomPageSettings): Promise<void> {
  const client = await readFile(createRequire(__filename).resolve('livekit-client'), 'utf8');
  await page.unroute(`${ORIGIN}/**`);
  await page.route(`${ORIGIN}/**`, async (route) => {
    const isClient = new URL(route.request().url()).pathname === '/client.js';
    await route.fulfill(
      isClient
        ? { body: client, contentType: 'text/javascript' }
        : { body: HTML, contentType: 'text/html' },
    );
  });
  if (LOOPBACK.includes(new URL(settings.url).hostname)) {
    // Browsers ask before a page may reach their own machine.
    await page.context().grantPermissions(['local-network-access'], { origin: ORIGIN });
  }
  await page.goto(`${ORIGIN}/`, { waitUntil: 'load' });
  // NOTE: tsx's compiler wraps named functions in a helper that does not exist in the page.
  await page.evaluate(`(() => {
    const __name = (named) => named;
    (${enterRoomInPage.toString()})(${JSON.stringify(settings)}, {
      createRoomView: ${createRoomView.toString()},
      followRoom: ${followRoom.toString()},
      addControls: ${addControls.toString()},
    });
  })()`);
}

const HTML = `<!doctype html>
<html lang="en">
  <title>Meeting</title>
  <script src="/client.js"></script>
  <div class="lk-room-container">
    <div class="lk-grid-layout"></div>
    <div class="lk-control-bar">
      <button data-lk-source="microphone" data-lk-enabled="false">Microphone</button>
      <button class="lk-disconnect-button">Leave</button>
    </div>
    <div class="lk-chat">
      <ul class="lk-chat-messages"></ul>
      <form class="lk-chat-form"><input class="lk-chat-form-input" /></form>
    </div>
    <div class="lk-toast lk-toast-connection-state"><i class="lk-spinner"></i><b>Connecting</b></div>
  </div>
</html>`;

type Library = typeof Livekit;

/** What of the room the page shows. Runs in the page. */
function createRoomView(room: Livekit.Room, { ConnectionState }: Library) {
  const find = (selector: string) => document.querySelector<HTMLElement>(selector);

  const showPeople = () => {
    const tiles = [room.localParticipant, ...room.remoteParticipants.values()].map((one) => {
      const tile = document.createElement('div');
      tile.className = 'lk-participant-tile';
      tile.dataset.lkLocalParticipant = String(one.isLocal);
      tile.dataset.lkSpeaking = String(one.isSpeaking);
      tile.dataset.lkAudioMuted = String(!one.isMicrophoneEnabled);
      const label = document.createElement('span');
      label.className = 'lk-participant-name';
      label.textContent = one.name || one.identity;
      tile.append(label);
      return tile;
    });
    find('.lk-grid-layout')?.replaceChildren(...tiles);
  };

  const showConnection = () => {
    const toast = find('.lk-toast-connection-state');
    const spinner = find('.lk-spinner');
    if (!toast || !spinner) return;
    const { state } = room;
    toast.style.display = state === ConnectionState.Connected ? 'none' : 'block';
    toast.lastElementChild?.replaceChildren(state);
    if (state === ConnectionState.Disconnected) spinner.remove();
  };

  const showMessage = (text: string, from: Livekit.Participant | undefined) => {
    const entry = document.createElement('li');
    entry.className = 'lk-chat-entry';
    entry.title = new Date().toLocaleTimeString('en-US', { timeStyle: 'full' });
    entry.dataset.lkMessageOrigin = from?.isLocal ? 'local' : 'remote';
    const author = document.createElement('strong');
    author.className = 'lk-participant-name';
    author.textContent = from?.name || from?.identity || '';
    const body = document.createElement('span');
    body.className = 'lk-message-body';
    body.textContent = text;
    entry.append(author, body);
    find('.lk-chat-messages')?.append(entry);
  };

  const showMicrophone = () => {
    const button = find('button[data-lk-source="microphone"]');
    if (button) button.dataset.lkEnabled = String(room.localParticipant.isMicrophoneEnabled);
  };

  return { showPeople, showConnection, showMessage, showMicrophone };
}

type RoomView = ReturnType<typeof createRoomView>;

/** Keeps the page up to date, and hears everybody. Runs in the page. */
function followRoom(room: Livekit.Room, { RoomEvent, Track }: Library, view: RoomView): void {
  const { showPeople, showConnection, showMessage, showMicrophone } = view;
  const hear = (publication: Livekit.RemoteTrackPublication) => {
    if (publication.kind === Track.Kind.Audio) publication.setSubscribed(true);
  };
  const hearAll = () => {
    for (const person of room.remoteParticipants.values()) {
      for (const publication of person.trackPublications.values()) hear(publication);
    }
  };

  room
    .on(RoomEvent.TrackPublished, hear)
    .on(RoomEvent.TrackSubscribed, (track) => document.body.append(track.attach()))
    .on(RoomEvent.TrackUnsubscribed, (track) => track.detach().forEach((one) => one.remove()))
    .on(RoomEvent.ConnectionStateChanged, showConnection)
    .on(RoomEvent.LocalTrackPublished, showMicrophone)
    .on(RoomEvent.LocalTrackUnpublished, showMicrophone);
  for (const event of [RoomEvent.Connected, RoomEvent.Reconnected]) room.on(event, hearAll);
  for (const event of [RoomEvent.TrackMuted, RoomEvent.TrackUnmuted]) {
    room.on(event, showMicrophone).on(event, showPeople);
  }
  for (const event of [
    RoomEvent.Connected,
    RoomEvent.Reconnected,
    RoomEvent.ParticipantConnected,
    RoomEvent.ParticipantDisconnected,
    RoomEvent.ParticipantNameChanged,
    RoomEvent.ActiveSpeakersChanged,
  ]) {
    room.on(event, showPeople);
  }
  room.registerTextStreamHandler('lk.chat', (reader, { identity }) => {
    void reader
      .readAll()
      .then((text) => showMessage(text, room.getParticipantByIdentity(identity)));
  });
}

/** Lets the bot talk and leave by the page's own controls. Runs in the page. */
function addControls(room: Livekit.Room, { showMessage, showMicrophone }: RoomView): void {
  const find = (selector: string) => document.querySelector<HTMLElement>(selector);
  find('button[data-lk-source="microphone"]')?.addEventListener('click', () => {
    const isOn = room.localParticipant.isMicrophoneEnabled;
    void room.localParticipant.setMicrophoneEnabled(!isOn).then(showMicrophone, showMicrophone);
  });
  find('.lk-disconnect-button')?.addEventListener('click', () => void room.disconnect());
  find('.lk-chat-form')?.addEventListener('submit', (event) => {
    event.preventDefault();
    const input = find('.lk-chat-form-input') as HTMLInputElement;
    const text = input.value;
    input.value = '';
    void room.localParticipant
      .sendText(text, { topic: 'lk.chat' })
      .then(() => showMessage(text, room.localParticipant));
  });
}

/** Runs in the page. */
function enterRoomInPage(
  { url, token, name }: RoomPageSettings,
  tools: {
    createRoomView: typeof createRoomView;
    followRoom: typeof followRoom;
    addControls: typeof addControls;
  },
): void {
  const library = (window as unknown as { LivekitClient: Library }).LivekitClient;
  const room = new library.Room({ adaptiveStream: false, dynacast: false });
  const view = tools.createRoomView(room, library);
  const { showPeople, showConnection } = view;
  tools.followRoom(room, library, view);
  tools.addControls(room, view);
  void room
    .connect(url, token, { autoSubscribe: false })
    // The token may forbid it; then its own name stays.
    .then(() => room.localParticipant.setName(name))
    .catch(() => undefined)
    .then(showPeople)
    .then(showConnection);
}
