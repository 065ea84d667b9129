'use client';

import { CircleCheck, Mic, MonitorSpeaker, Pause, Play, Square } from 'lucide-react';
import { Link } from '@/ui/link';
import { useEffect, useState, useSyncExternalStore, type SyntheticEvent } from 'react';
import { record } from '@/strings/record';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { SkeletonList } from '@/ui/skeleton';
import type { CaptureSource } from './capture';
import { LevelMeter } from './level-meter';
import { LiveWords } from './live-words';
import { ProblemBox } from './problem-box';
import { useOwner } from './owner';
import { useRecordWork } from './record-work-provider';
import { Recorder, type RecorderState } from './recorder';
import { SourceChoice } from './source-choice';
import { Unsent } from './unsent';

const strings = record.recorder;

/** Records the microphone, or a tab with its sound. */
export function RecorderPanel() {
  const recorder = useRecorder();
  return recorder ? <Recording recorder={recorder} /> : <SkeletonList label={record.loading} />;
}

function Recording({ recorder }: { recorder: Recorder }) {
  const state = useSyncExternalStore(recorder.subscribe, recorder.read, recorder.read);
  const { phase, meetingId } = state;
  const isRunning = ['recording', 'paused', 'finishing'].includes(phase);
  return (
    <div className="flex flex-col gap-4">
      {state.problem && <ProblemBox {...state.problem} />}
      {phase === 'interrupted' && <Interrupted recorder={recorder} />}
      {phase === 'elsewhere' && <Elsewhere />}
      {(phase === 'over' || phase === 'refused') && <Unsent recorder={recorder} state={state} />}
      {(phase === 'idle' || phase === 'asking') && (
        <StartForm recorder={recorder} isAsking={phase === 'asking'} />
      )}
      {isRunning && <Running recorder={recorder} state={state} />}
      {phase === 'finished' && <Finished recorder={recorder} state={state} />}
      {meetingId !== null && (isRunning || phase === 'finished') && (
        <LiveWords meetingId={meetingId} isOver={phase === 'finished'} />
      )}
    </div>
  );
}

function useRecorder(): Recorder | null {
  const work = useRecordWork();
  const owner = useOwner();
  useEffect(() => {
    if (owner) work.needRecorder(owner.userId, () => new Recorder(owner));
  }, [work, owner]);
  return useSyncExternalStore(work.subscribe, work.readRecorder, () => null);
}

function StartForm({ recorder, isAsking }: { recorder: Recorder; isAsking: boolean }) {
  const [title, setTitle] = useState('');
  const [source, setSource] = useState<CaptureSource>('microphone');
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void recorder.start(source, title);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5 rounded-xl border bg-panel p-4 sm:p-6">
      <SourceChoice
        value={source}
        onChange={setSource}
        options={[
          {
            value: 'microphone',
            icon: Mic,
            label: strings.microphone,
            text: strings.microphoneText,
          },
          { value: 'tab', icon: MonitorSpeaker, label: strings.tab, text: strings.tabText },
        ]}
      />
      <Field label={strings.titleLabel}>
        {(control) => (
          <Input
            {...control}
            value={title}
            maxLength={500}
            placeholder={strings.titlePlaceholder}
            autoComplete="off"
            onChange={(event) => setTitle(event.target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" size="large" isBusy={isAsking}>
          {!isAsking && <Mic aria-hidden />}
          {strings.start}
        </Button>
        <span aria-live="polite" className="text-soft">
          {isAsking && strings.asking}
        </span>
      </div>
    </form>
  );
}

function Interrupted({ recorder }: { recorder: Recorder }) {
  return (
    <section className="rounded-xl border bg-warn-soft p-4 sm:p-6">
      <h2 className="text-[15px] font-semibold">{record.interrupted.title}</h2>
      <p className="mt-0.5 text-soft">{record.interrupted.text}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button look="primary" onClick={() => void recorder.resume()}>
          <Mic aria-hidden />
          {record.interrupted.resume}
        </Button>
        <Button onClick={() => void recorder.finish()}>{record.interrupted.finish}</Button>
      </div>
    </section>
  );
}

function Elsewhere() {
  return (
    <section className="rounded-xl border bg-panel p-4 sm:p-6">
      <h2 className="text-[15px] font-semibold">{record.elsewhere.title}</h2>
      <p className="mt-0.5 text-soft">{record.elsewhere.text}</p>
    </section>
  );
}

function Running({ recorder, state }: { recorder: Recorder; state: RecorderState }) {
  const { phase, level, recordedMs } = state;
  const isRecording = phase === 'recording';
  return (
    <section className="flex flex-col gap-5 rounded-xl border bg-panel p-4 sm:p-6">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span aria-live="polite">
          <Badge tone={isRecording ? 'bad' : 'plain'} isLive={isRecording}>
            {isRecording ? strings.recording : strings[phase === 'paused' ? 'paused' : 'finishing']}
          </Badge>
        </span>
        <span
          aria-label={strings.elapsed}
          role="timer"
          className="font-mono text-2xl tracking-tight tabular-nums"
        >
          {formatLength(recordedMs)}
        </span>
        <span className="ml-auto text-[13px] text-soft">
          {state.waiting > 0 ? strings.waiting(state.waiting) : strings.allSent}
        </span>
      </div>
      <LevelMeter level={level} label={strings.level} />
      <p aria-live="polite" className="text-[13px] text-warn empty:hidden">
        {state.isOffline && strings.kept}
      </p>
      <div className="flex flex-wrap gap-2">
        {isRecording ? (
          <Button onClick={() => void recorder.pause()}>
            <Pause aria-hidden />
            {strings.pause}
          </Button>
        ) : (
          <Button disabled={phase !== 'paused'} onClick={() => void recorder.resume()}>
            <Play aria-hidden />
            {strings.resume}
          </Button>
        )}
        <Button
          look="primary"
          isBusy={phase === 'finishing'}
          onClick={() => void recorder.finish()}
        >
          {phase !== 'finishing' && <Square aria-hidden />}
          {strings.finish}
        </Button>
      </div>
    </section>
  );
}

function Finished({ recorder, state }: { recorder: Recorder; state: RecorderState }) {
  return (
    <section className="flex flex-wrap items-center gap-3 rounded-xl border bg-good-soft p-4 sm:p-6">
      <CircleCheck aria-hidden className="size-5 text-good" />
      <h2 className="min-w-0 flex-1 text-[15px] font-semibold">{strings.finished}</h2>
      <Button look="primary" asChild>
        <Link href={`/meetings/${state.meetingId}`}>{strings.open}</Link>
      </Button>
      <Button onClick={() => recorder.reset()}>{strings.another}</Button>
    </section>
  );
}

/** `1:02:03`, or `02:03`. */
function formatLength(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
