import type { Request } from 'express';
import { ApiError } from '../errors';

/**
 * Reads a body of at most `maxBytes`. A longer one is refused before it is read: by its length, or
 * at the byte too many. Express's own parser reads a refused body to its end first.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw makeTooLarge(maxBytes);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const stop = (error: Error): void => {
      request.off('data', take);
      request.resume();
      reject(error);
    };
    const take = (part: Buffer): void => {
      size += part.length;
      if (size > maxBytes) stop(makeTooLarge(maxBytes));
      else parts.push(part);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(parts)));
    request.once('error', reject);
    request.once('aborted', () => {
      reject(new ApiError('malformed_request', 'The request broke off'));
    });
  });
}

function makeTooLarge(maxBytes: number): ApiError {
  return new ApiError('payload_too_large', `Expected at most ${maxBytes} bytes`);
}
