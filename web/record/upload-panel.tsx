'use client';

import { CircleCheck, CircleX, FileAudio, RotateCw, Upload, X } from 'lucide-react';
import { Link } from '@/ui/link';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { record } from '@/strings/record';
import { Button } from '@/ui/button';
import { classes } from '@/ui/classes';
import { SkeletonList } from '@/ui/skeleton';
import { useOwner } from './owner';
import { useRecordWork } from './record-work-provider';
import { createSendFile } from './send-file';
import { UploadQueue, type UploadItem } from './upload-queue';

const strings = record.upload;

/** Takes files, one or many, and shows how far each is. */
export function UploadPanel() {
  const queue = useQueue();
  return queue ? <Uploads queue={queue} /> : <SkeletonList label={record.loading} />;
}

function Uploads({ queue }: { queue: UploadQueue }) {
  const items = useSyncExternalStore(queue.subscribe, queue.read, queue.read);
  return (
    <div className="flex flex-col gap-5">
      <DropZone onFiles={(files) => queue.add(files)} />
      {items.length > 0 && (
        <ul aria-label={strings.list} className="flex flex-col divide-y rounded-xl border">
          {items.map((item) => (
            <UploadRow key={item.key} item={item} queue={queue} />
          ))}
        </ul>
      )}
    </div>
  );
}

function useQueue(): UploadQueue | null {
  const work = useRecordWork();
  const owner = useOwner();
  useEffect(() => {
    if (!owner) return;
    const { api, session, userId } = owner;
    const send = createSendFile(api, session);
    work.needQueue(userId, () => new UploadQueue({ api, userId, send }));
  }, [work, owner]);
  return useSyncExternalStore(work.subscribe, work.readQueue, () => null);
}

function DropZone({ onFiles }: { onFiles: (files: Iterable<File>) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        onFiles(event.dataTransfer.files);
      }}
      className={classes(
        'flex flex-col items-center gap-2 rounded-xl border border-dashed px-6 py-12 text-center transition-colors',
        isOver ? 'border-accent bg-accent-soft' : 'border-line-strong bg-panel',
      )}
    >
      <Upload aria-hidden className="size-6 text-soft" />
      <p className="text-[15px] font-semibold">{strings.drop}</p>
      <p className="max-w-md text-pretty text-soft">{strings.formats}</p>
      <input
        ref={input}
        type="file"
        multiple
        accept="audio/*,video/*,.mkv,.flac,.ogg,.m4a"
        aria-label={strings.input}
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button className="mt-2" look="primary" onClick={() => input.current?.click()}>
        {strings.choose}
      </Button>
    </div>
  );
}

const OVER: readonly UploadItem['phase'][] = ['completed', 'failed', 'cancelled'];

function UploadRow({ item, queue }: { item: UploadItem; queue: UploadQueue }) {
  const { key, phase, name, meetingId } = item;
  const isOver = OVER.includes(phase);
  const Icon = phase === 'completed' ? CircleCheck : phase === 'failed' ? CircleX : FileAudio;
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Icon
        aria-hidden
        className={classes(
          'size-5 shrink-0',
          phase === 'completed' ? 'text-good' : phase === 'failed' ? 'text-bad' : 'text-soft',
        )}
      />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{name}</p>
        <p className={classes('text-[13px]', phase === 'failed' ? 'text-bad' : 'text-soft')}>
          {describe(item)}
        </p>
        {!isOver && <ProgressBar label={strings.progress(name)} percent={measure(item)} />}
      </div>
      {meetingId !== null && phase === 'completed' && (
        <Button size="small" asChild>
          <Link href={`/meetings/${meetingId}`}>{strings.open}</Link>
        </Button>
      )}
      {phase === 'failed' && (
        <Button size="small" aria-label={strings.retryOf(name)} onClick={() => queue.retry(key)}>
          <RotateCw aria-hidden />
          {strings.retry}
        </Button>
      )}
      <Button
        look="quiet"
        size="icon"
        aria-label={isOver ? strings.remove(name) : strings.cancel(name)}
        onClick={() => (isOver ? queue.remove(key) : void queue.cancel(key))}
      >
        <X aria-hidden />
      </Button>
    </li>
  );
}

function ProgressBar({ label, percent }: { label: string; percent: number }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="mt-2 h-1.5 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-accent" style={{ width: `${percent}%` }} />
    </div>
  );
}

function measure({ phase, sentBytes, sizeBytes, percent }: UploadItem): number {
  if (phase === 'decoding' || phase === 'transcribing') return percent;
  return sizeBytes === 0 ? 0 : Math.floor((100 * sentBytes) / sizeBytes);
}

function describe(item: UploadItem): string {
  switch (item.phase) {
    case 'sending':
      return strings.sending(measure(item));
    case 'transcribing':
      return strings.transcribing(item.percent);
    case 'failed':
      return item.problem ?? strings.failed;
    case 'waiting':
    case 'paused':
    case 'busy':
    case 'decoding':
    case 'completed':
    case 'cancelled':
      return strings[item.phase];
  }
}
