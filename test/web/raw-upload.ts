import http from 'node:http';
import { encodeWav } from '../../domain/wav';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { readWavSamples } from '../wav-file';

/** A WAV file that is silent for these bytes, and then somebody speaks. */
export function makeLongSpeech(speech: string, { silentBytes }: { silentBytes: number }): Buffer {
  const spoken = readWavSamples(speech);
  const samples = new Int16Array(silentBytes / 2 + spoken.length);
  samples.set(spoken, silentBytes / 2);
  return Buffer.from(encodeWav(samples));
}

/** An upload whose bytes a test sends by itself. */
export interface RawUpload {
  /** Of its meeting. */
  id: number;
  /** Sends bytes of a request that never ends; rejects once the connection breaks. */
  sendUnfinished(from: number, to: number): Promise<never>;
  readOffset(): Promise<number>;
  /** Sends everything from there on; the offset after it. */
  sendRest(from: number): Promise<number>;
}

export async function beginUpload(
  apiUrl: string,
  { email, file }: { email: string; file: Buffer },
): Promise<RawUpload> {
  const token = await new DemoApiClient(apiUrl).signIn(email);
  const authorization = `Bearer ${token}`;
  const made = await fetch(`${apiUrl}/api/uploads`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ fileName: 'long.wav', sizeBytes: file.length }),
  });
  const { upload } = (await made.json()) as { upload: { meetingId: number; url: string } };
  const url = `${apiUrl}${upload.url}`;
  const headersFrom = (offset: number) => ({
    authorization,
    'tus-resumable': '1.0.0',
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
  });
  return {
    id: upload.meetingId,
    sendUnfinished(from, to) {
      return new Promise((_, reject) => {
        const headers = { ...headersFrom(from), 'content-length': file.length - from };
        const request = http.request(url, { method: 'PATCH', headers });
        request.once('error', reject);
        request.write(file.subarray(from, to));
      });
    },
    async readOffset() {
      const headers = { authorization, 'tus-resumable': '1.0.0' };
      const answer = await fetch(url, { method: 'HEAD', headers });
      return Number(answer.headers.get('upload-offset'));
    },
    async sendRest(from) {
      const body = file.subarray(from);
      const answer = await fetch(url, { method: 'PATCH', headers: headersFrom(from), body });
      return Number(answer.headers.get('upload-offset'));
    },
  };
}
