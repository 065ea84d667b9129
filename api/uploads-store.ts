import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DataStore, ERRORS, Upload } from '@tus/server';
import { UPLOAD_PART_BYTES } from '../domain/uploads';
import { makeUploadPartKey } from '../infra/audio-store';
import { appendPart, findUpload, type UploadRow } from '../infra/database/uploads';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';

type StoreDeps = Pick<ApiDeps, 'audioStore' | 'database' | 'logger'> & {
  /** Called once a file has come to its last byte. */
  onWhole(upload: UploadRow): Promise<void>;
};

/**
 * Keeps what the tus server receives in the audio store, part by part: a part is acknowledged once
 * it and its row are durable, so a process may die at any byte, and any other one goes on.
 */
export class UploadPartStore extends DataStore {
  constructor(private readonly deps: StoreDeps) {
    super();
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = await findUpload(this.deps.database, Number(id));
    if (!upload) throw ERRORS.FILE_NOT_FOUND;
    return new Upload({
      id,
      size: upload.sizeBytes,
      offset: upload.receivedBytes,
      creation_date: upload.createdAt.toISOString(),
    });
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const meetingId = Number(id);
    let at = offset;
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    const keep = async (): Promise<void> => {
      if (waitingBytes === 0) return;
      const bytes = Buffer.concat(waiting);
      [waiting, waitingBytes] = [[], 0];
      await this.keepPart(meetingId, at, bytes);
      at += bytes.length;
    };
    try {
      for await (const data of stream as AsyncIterable<Buffer>) {
        waiting.push(data);
        waitingBytes += data.length;
        if (waitingBytes >= UPLOAD_PART_BYTES) await keep();
      }
    } catch (error) {
      // what came before the connection broke need not come again
      await keep();
      throw error;
    }
    await keep();
    return at;
  }

  private async keepPart(meetingId: number, startByte: number, bytes: Buffer): Promise<void> {
    const { audioStore, database, logger } = this.deps;
    const objectKey = makeUploadPartKey(meetingId, randomUUID());
    await audioStore.put(objectKey, bytes).catch((cause: unknown) => {
      throw Object.assign(new ApiError('unavailable', 'The audio store took nothing'), { cause });
    });
    const part = { meetingId, startByte, sizeBytes: bytes.length, objectKey };
    // when this throws, reconciliation removes an object without a row
    const upload = await appendPart(database, part);
    if (!upload) {
      await audioStore.delete(objectKey).catch((err: unknown) => {
        logger.warn({ meetingId, err }, 'refused part left in the audio store');
      });
      throw ERRORS.INVALID_OFFSET;
    }
    if (upload.status === 'received') await this.deps.onWhole(upload);
  }
}
