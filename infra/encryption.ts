import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Encrypts short secrets for the database. */
export interface Encryption {
  encrypt(text: string): string;
  /** Throws when the text was changed, or encrypted with a key that is not known. */
  decrypt(encrypted: string): string;
}

const ALGORITHM = 'aes-256-gcm';
/** The nonce length GCM is defined for (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with keys of 32 bytes in base64. The first key encrypts, all decrypt: put a new key
 * in front to rotate. The result is `<key id>.<base64url of nonce, tag and text>`; the id is the
 * start of the key's own hash, so keys need no names.
 */
export function createEncryption(keys: readonly [string, ...string[]]): Encryption {
  const ring = new Map(keys.map((key) => toNamedKey(key)));
  const [currentId, currentKey] = toNamedKey(keys[0]);
  return {
    encrypt(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, currentKey, nonce);
      cipher.setAAD(Buffer.from(currentId));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      const all = Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
      return `${currentId}.${all.toString('base64url')}`;
    },
    decrypt(encrypted) {
      const [id = '', body = ''] = encrypted.split('.');
      const key = ring.get(id);
      if (!key) throw new Error(`Expected a text encrypted with a known key, got key id ${id}`);
      const all = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv(ALGORITHM, key, all.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(id));
      decipher.setAuthTag(all.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const opened = [decipher.update(all.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
      return Buffer.concat(opened).toString('utf8');
    },
  };
}

function toNamedKey(base64: string): [id: string, key: Buffer] {
  const key = Buffer.from(base64, 'base64');
  if (key.length !== 32) throw new Error(`Expected a key of 32 bytes, got ${key.length}`);
  return [createHash('sha256').update(key).digest('hex').slice(0, 8), key];
}
