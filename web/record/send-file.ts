import { Upload, type DetailedError } from 'tus-js-client';
import type { Api, Schemas } from '@/api/client';
import { ApiProblem, UnreachableProblem } from '@/api/problems';
import type { Session } from '@/api/session';

/** A file on its way. */
export interface Sending {
  abort(): Promise<void>;
}

export interface SendListeners {
  onProgress(sentBytes: number): void;
  /** It goes on by itself: the API cannot be reached, or is busy. */
  onPause(reason: 'paused' | 'busy'): void;
  onSent(): void;
  onError(problem: ApiProblem | UnreachableProblem): void;
}

/** Sends a file's bytes to where they go; what was sent before is not sent again. */
export type SendFile = (file: File, url: string, listeners: SendListeners) => Sending;

/** tus tries again after these; the last one is as good as for ever. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 5_000, ...Array.from({ length: 1_000 }, () => 10_000)];
const REQUEST_BYTES = 16 * 1024 * 1024;

/** Sends by the protocol tus. */
export function createSendFile(api: Api, session: Session): SendFile {
  return (file, url, listeners) => {
    const upload = new Upload(file, {
      uploadUrl: api.url(url),
      chunkSize: REQUEST_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      storeFingerprintForResuming: false,
      onBeforeRequest: async (request) => {
        request.setHeader('Authorization', `Bearer ${await session.getToken()}`);
      },
      onProgress: (sentBytes) => listeners.onProgress(sentBytes),
      onShouldRetry: (error) => {
        const { status, code } = readRefusal(error);
        if (status === 401) session.forgetToken();
        // two that send the same file: whoever asks where it is may go on
        const isPassing = [401, 429].includes(status) || code === 'upload_conflict';
        if (status !== 0 && status < 500 && !isPassing) return false;
        if (!isPassing || status === 429) listeners.onPause(status === 0 ? 'paused' : 'busy');
        return true;
      },
      onSuccess: () => listeners.onSent(),
      onError: (error) => listeners.onError(toProblem(error)),
    });
    upload.start();
    return upload;
  };
}

interface Refused {
  /** 0 where no answer came. */
  status: number;
  code: string;
  message: string;
}

function readRefusal(error: Error | DetailedError): Refused {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  try {
    const body = JSON.parse(response?.getBody() ?? '') as Schemas['Error'];
    return { status, ...body.error };
  } catch {
    // answers to HEAD have no body
    const code = status === 404 ? 'meeting_not_found' : 'unknown';
    return { status, code, message: error.message };
  }
}

function toProblem(error: Error | DetailedError): ApiProblem | UnreachableProblem {
  const refused = readRefusal(error);
  return refused.status === 0 ? new UnreachableProblem() : new ApiProblem(refused);
}
