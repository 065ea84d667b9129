/**
 * LiveKit Meet as in livekit-examples/meet (app/rooms/[roomName]/PageClientImpl.tsx, app/page.tsx of
 * 2026-04-30), made of LiveKit's own React components: their PreJoin and VideoConference are the
 * real ones, and so is the server it connects to. Left out: Next.js, styles, end-to-end encryption,
 * the settings menu, and all of the home page but what tells that it is the home page.
 */
import { PreJoin, RoomContext, VideoConference } from '@livekit/components-react';
import { Room, RoomEvent } from 'livekit-client';
import { createElement as h, useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';

const PREJOIN_DEFAULTS = { username: '', videoEnabled: true, audioEnabled: true };

function RoomPage({ roomName, goHome }) {
  const [choices, setChoices] = useState();
  const [details, setDetails] = useState();
  const submit = async (values) => {
    setChoices(values);
    const query = new URLSearchParams({ roomName, participantName: values.username });
    const answer = await fetch(`/api/connection-details?${query}`);
    setDetails(await answer.json());
  };
  if (choices && details) return h(Conference, { choices, details, goHome });
  return h(
    'div',
    { style: { display: 'grid', placeItems: 'center', height: '100%' } },
    h(PreJoin, { defaults: PREJOIN_DEFAULTS, onSubmit: submit, onError: console.error }),
  );
}

function Conference({ choices, details, goHome }) {
  const room = useMemo(() => new Room({ adaptiveStream: true, dynacast: true }), []);
  useEffect(() => {
    const fail = (error) => alert(`Encountered an unexpected error: ${error.message}`);
    room.on(RoomEvent.Disconnected, goHome);
    room.connect(details.serverUrl, details.participantToken, { autoSubscribe: true }).catch(fail);
    if (choices.videoEnabled) room.localParticipant.setCameraEnabled(true).catch(fail);
    if (choices.audioEnabled) room.localParticipant.setMicrophoneEnabled(true).catch(fail);
    return () => room.off(RoomEvent.Disconnected, goHome);
  }, [room]);
  return h(
    'div',
    { className: 'lk-room-container' },
    h(RoomContext.Provider, { value: room }, h(VideoConference)),
  );
}

function HomePage() {
  return h(
    'main',
    { 'data-lk-theme': 'default' },
    h('p', null, 'Try LiveKit Meet for free with our live demo project.'),
    h('button', { className: 'lk-button' }, 'Start Meeting'),
    h('input', { id: 'use-e2ee', type: 'checkbox' }),
    h('label', { htmlFor: 'use-e2ee' }, 'Enable end-to-end encryption'),
  );
}

function App() {
  const [path, setPath] = useState(location.pathname);
  const goHome = () => {
    history.pushState(null, '', '/');
    setPath('/');
  };
  const roomName = /^\/rooms\/([^/]+)$/.exec(path)?.[1];
  return roomName
    ? h('main', { 'data-lk-theme': 'default' }, h(RoomPage, { roomName, goHome }))
    : h(HomePage);
}

createRoot(document.querySelector('#app')).render(h(App));
