'use client';

import { useEffect, useRef, useState } from 'react';
import type { MeetingEvent } from '../../../domain/events';
import { useApi } from '@/api/client';
import { useSession } from '@/api/session';
import { followMeeting, type FollowState } from './follow-meeting';
import { applyEvents, EMPTY_STATE, type MeetingState } from './transcript';

export interface LiveMeeting extends MeetingState {
  connection: FollowState;
  isCaughtUp: boolean;
  isDeleted: boolean;
}

const FIRST: LiveMeeting = {
  ...EMPTY_STATE,
  connection: 'connecting',
  isCaughtUp: false,
  isDeleted: false,
};

/** A meeting as it happens; `onEvents` hears of each event once. */
export function useMeetingEvents(
  meetingId: number,
  onEvents: (events: MeetingEvent[]) => void,
): LiveMeeting {
  const api = useApi();
  const session = useSession();
  const [live, setLive] = useState(FIRST);
  const listener = useRef(onEvents);
  useEffect(() => {
    listener.current = onEvents;
  });
  useEffect(() => {
    let state: MeetingState = EMPTY_STATE;
    setLive(FIRST);
    return followMeeting({
      api,
      session,
      meetingId,
      readAfter: () => state.seq,
      onEvents: (events) => {
        const fresh = events.filter(({ seq }) => seq > state.seq);
        state = applyEvents(state, fresh);
        setLive((before) => ({ ...before, ...state }));
        if (fresh.length > 0) listener.current(fresh);
      },
      onState: (connection) => setLive((before) => ({ ...before, connection })),
      onCaughtUp: () => setLive((before) => ({ ...before, isCaughtUp: true })),
      onDeleted: () => setLive((before) => ({ ...before, isDeleted: true })),
    });
  }, [api, session, meetingId]);
  return live;
}
