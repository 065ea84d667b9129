export interface Attendee {
  id: string;
  name: string;
}

interface Fiber {
  memoizedProps?: { store?: { getState?(): unknown } } | null;
  child?: Fiber | null;
  sibling?: Fiber | null;
  current?: Fiber;
}

interface AttendeesState {
  attendeesList?: { attendeesList?: { userId?: unknown; displayName?: unknown }[] };
}

/**
 * Zoom's own list of who is in the call, with its number of each; empty where it is not to be found.
 * The client keeps it in a Redux store that its React tree carries, as the Meeting SDK does (Attendee,
 * zoom_web_redux_interceptor.js, 2026-05-26). It is only read. Runs in the page, on its own.
 */
export function readAttendees(): Attendee[] {
  const STEPS = 2_000;
  const holder = window as unknown as { meetingStore?: { getState(): unknown } };
  const findStore = () => {
    const root = document.querySelector('#root') ?? document.body.firstElementChild;
    const key = Object.keys(root ?? {}).find((one) => /^__react(Container|Fiber)\$/.test(one));
    const start = key ? (root as unknown as Record<string, Fiber>)[key] : undefined;
    const open = [start?.current ?? start];
    for (let steps = 0; open.length > 0 && steps < STEPS; steps += 1) {
      const fiber = open.pop();
      const store = fiber?.memoizedProps?.store;
      if (typeof store?.getState === 'function') return store as { getState(): unknown };
      if (fiber?.sibling) open.push(fiber.sibling);
      if (fiber?.child) open.push(fiber.child);
    }
    return undefined;
  };
  holder.meetingStore ??= findStore();
  const state = holder.meetingStore?.getState() as AttendeesState | undefined;
  const attendees = state?.attendeesList?.attendeesList;
  return (Array.isArray(attendees) ? attendees : []).flatMap(({ userId, displayName }) =>
    typeof userId === 'number' && typeof displayName === 'string'
      ? [{ id: String(userId), name: displayName.replace(/\s+/g, ' ').trim() }]
      : [],
  );
}
