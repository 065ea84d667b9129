import type { Schemas } from 'meetings-client';
import { meeting } from '@/strings/meeting';

const words = meeting.upload;

type Upload = Pick<Schemas['Upload'], 'status' | 'receivedBytes' | 'sizeBytes' | 'percent'>;

/** How far a file is, in per cent of what is done with it right now. */
export function measureUpload({ status, receivedBytes, sizeBytes, percent }: Upload): number {
  if (status !== 'receiving') return percent;
  return sizeBytes === 0 ? 0 : Math.floor((receivedBytes / sizeBytes) * 100);
}

/** What is done with a file right now, and how far that is. */
export function describeUpload(upload: Upload): string {
  const percent = measureUpload(upload);
  if (upload.status === 'receiving') return words.receiving(percent);
  // words come before all is decoded, and the per cent are of both
  return upload.status === 'decoding' && percent === 0
    ? words.decoding
    : words.transcribing(percent);
}

/** The same beside the name of its state, which says what is done. */
export function summariseUpload(upload: Upload): string {
  const percent = measureUpload(upload);
  return upload.status === 'decoding' && percent === 0 ? words.decoding : words.percent(percent);
}
