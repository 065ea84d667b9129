import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AudioNotFoundError, requireAudioKey, requireAudioPrefix } from './audio-store';
import type { AudioStore } from './audio-store';
import type { AudioStoreConfig } from './config';

/** A chunk is at most 1 MiB: slower than this is a store that does not answer. */
const REQUEST_TIMEOUT_MS = 15_000;
const CHECK_TIMEOUT_MS = 3_000;
/** Deletes in flight: batch delete is not part of every S3-compatible store. */
const DELETE_CONCURRENCY = 16;
const CHECK_KEY = 'health/check';

/** Keeps audio in a bucket of S3 or any store that speaks its protocol. */
export function createS3AudioStore(config: Extract<AudioStoreConfig, { kind: 's3' }>): AudioStore {
  const client = createClient(config);
  const Bucket = config.bucket;
  const inTime = (ms = REQUEST_TIMEOUT_MS) => ({ abortSignal: AbortSignal.timeout(ms) });
  const remove = async (Key: string): Promise<void> => {
    await client.send(new DeleteObjectCommand({ Bucket, Key }), inTime());
  };
  async function* listPages(Prefix: string) {
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }),
        inTime(),
      );
      yield page.Contents ?? [];
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
  }
  return {
    async put(key, bytes) {
      const Key = requireAudioKey(key);
      await client.send(
        new PutObjectCommand({ Bucket, Key, Body: bytes, ContentType: 'audio/wav' }),
        inTime(),
      );
    },
    async get(key) {
      const Key = requireAudioKey(key);
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), inTime());
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (!(error instanceof NoSuchKey)) throw error;
        throw new AudioNotFoundError(`Expected audio under ${key}, got none`);
      }
    },
    delete: (key) => remove(requireAudioKey(key)),
    async deletePrefix(prefix) {
      let count = 0;
      for await (const page of listPages(requireAudioPrefix(prefix))) {
        const keys = page.flatMap((object) => object.Key ?? []);
        for (let at = 0; at < keys.length; at += DELETE_CONCURRENCY) {
          await Promise.all(keys.slice(at, at + DELETE_CONCURRENCY).map(remove));
        }
        count += keys.length;
      }
      return count;
    },
    async *list(prefix, olderThan) {
      for await (const page of listPages(requireAudioPrefix(prefix))) {
        for (const { Key, LastModified } of page) {
          if (Key !== undefined && LastModified && LastModified < olderThan) yield Key;
        }
      }
    },
    async check() {
      await client.send(
        new PutObjectCommand({ Bucket, Key: CHECK_KEY, Body: new Uint8Array(1) }),
        inTime(CHECK_TIMEOUT_MS),
      );
    },
  };
}

function createClient(config: Extract<AudioStoreConfig, { kind: 's3' }>): S3Client {
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
