'use client';

import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { openRecordings } from './open-recordings';
import { useOwner } from './owner';
import { RecordWork, type Activity } from './record-work';

const WorkContext = createContext<RecordWork | null>(null);

/** Stands around all pages of who is signed in: recorder and uploads outlive each of them. */
export function RecordWorkProvider({ children }: { children: ReactNode }) {
  const [work] = useState(() => new RecordWork());
  useEffect(() => () => work.close(), [work]);
  return (
    <WorkContext value={work}>
      <Watch work={work} />
      {children}
    </WorkContext>
  );
}

export function useRecordWork(): RecordWork {
  const work = useContext(WorkContext);
  if (!work) throw new Error('Expected a RecordWorkProvider around this');
  return work;
}

/** What goes on right now. */
export function useRecordActivity(): Activity {
  const { subscribe, readActivity } = useRecordWork();
  return useSyncExternalStore(subscribe, readActivity, readActivity);
}

function Watch({ work }: { work: RecordWork }) {
  const { recorder } = useRecordActivity();
  const queries = useQueryClient();
  useEffect(() => {
    if (recorder === 'finished') void queries.invalidateQueries({ queryKey: ['meetings'] });
  }, [recorder, queries]);
  useLeaveWarning(work);
  useInterrupted(work);
  return null;
}

/** What was not cut off, kept or sent yet is lost with the page: the browser asks first. */
function useLeaveWarning(work: RecordWork): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (work.isFragile()) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [work]);
}

/** A recording that was interrupted is sent and told of, whichever page is opened next. */
function useInterrupted(work: RecordWork): void {
  const owner = useOwner();
  useEffect(() => {
    if (!owner || !openRecordings.has(owner.userId)) return;
    // what cannot be loaded now is tried again by the next page
    import('./recorder').then(
      ({ Recorder }) => work.needRecorder(owner.userId, () => new Recorder(owner)),
      () => undefined,
    );
  }, [work, owner]);
}
