import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  type _Object,
} from '@aws-sdk/client-s3';
import { AudioNotFoundError, requireAudioKey, requireAudioPrefix } from './audio-store';
import type { AudioStore } from './audio-store';
import type { AudioStoreConfig } from './config';

type S3Config = Extract<AudioStoreConfig, { kind: 's3' }>;

/** A chunk is at most 1 MiB: slower than this is a store that does not answer. */
const REQUEST_TIMEOUT_MS = 15_000;
/** A whole recording takes longer: at least 1 MB/s is expected of a store. */
const SLOWEST_BYTES_PER_MS = 1_000;
const CHECK_TIMEOUT_MS = 3_000;
/** Deletes in flight: batch delete is not part of every S3-compatible store. */
const DELETE_CONCURRENCY = 16;
const CHECK_KEY = 'health/check';

/** Keeps audio in a bucket of S3 or any store that speaks its protocol. */
export function createS3AudioStore(config: S3Config): AudioStore {
  return new S3AudioStore(createClient(config), config.bucket);
}

class S3AudioStore implements AudioStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const object = { ...this.object(requireAudioKey(key)), ContentType: findContentType(key) };
    const timeoutMs = REQUEST_TIMEOUT_MS + Math.ceil(bytes.length / SLOWEST_BYTES_PER_MS);
    await this.client.send(new PutObjectCommand({ ...object, Body: bytes }), within(timeoutMs));
  }

  get(key: string): Promise<Uint8Array> {
    return this.read(key, {});
  }

  getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    return this.read(key, { Range: `bytes=${start}-${end}` });
  }

  private async read(key: string, range: { Range?: string }): Promise<Uint8Array> {
    try {
      const command = new GetObjectCommand({ ...this.object(requireAudioKey(key)), ...range });
      const { Body } = await this.client.send(command, within());
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (!(error instanceof NoSuchKey)) throw error;
      throw new AudioNotFoundError(`Expected audio under ${key}, got none`);
    }
  }

  async delete(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.object(requireAudioKey(key))), within());
  }

  async deletePrefix(prefix: string): Promise<number> {
    let count = 0;
    for await (const page of this.listPages(requireAudioPrefix(prefix))) {
      const keys = page.flatMap((object) => object.Key ?? []);
      for (let at = 0; at < keys.length; at += DELETE_CONCURRENCY) {
        const some = keys.slice(at, at + DELETE_CONCURRENCY);
        await Promise.all(some.map((key) => this.delete(key)));
      }
      count += keys.length;
    }
    return count;
  }

  async *list(prefix: string, olderThan: Date): AsyncGenerator<string> {
    for await (const page of this.listPages(requireAudioPrefix(prefix))) {
      for (const { Key, LastModified } of page) {
        if (Key !== undefined && LastModified && LastModified < olderThan) yield Key;
      }
    }
  }

  async check(): Promise<void> {
    const command = new PutObjectCommand({ ...this.object(CHECK_KEY), Body: new Uint8Array(1) });
    await this.client.send(command, within(CHECK_TIMEOUT_MS));
  }

  private object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: key };
  }

  private async *listPages(prefix: string): AsyncGenerator<_Object[]> {
    let token: string | undefined;
    do {
      const place = { Bucket: this.bucket, Prefix: prefix, ContinuationToken: token };
      const page = await this.client.send(new ListObjectsV2Command(place), within());
      yield page.Contents ?? [];
      token = page.NextContinuationToken;
    } while (token);
  }
}

function findContentType(key: string): string {
  if (key.endsWith('.wav')) return 'audio/wav';
  return key.endsWith('.webm') ? 'audio/webm' : 'application/octet-stream';
}

function within(timeoutMs = REQUEST_TIMEOUT_MS): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(timeoutMs) };
}

function createClient(config: S3Config): S3Client {
  const { accessKeyId, secretAccessKey } = config;
  return new S3Client({
    region: config.region,
    endpoint: config.endpoint,
    // A store of one's own rarely has a DNS name per bucket.
    forcePathStyle: config.endpoint !== undefined,
    // Without keys the SDK looks where AWS puts them: the pod's role, the instance, a profile.
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    // Not every store knows the newer checksums; the signature covers the bytes already.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
  });
}
