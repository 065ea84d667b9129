import { createEncryption } from './encryption';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('base64');

describe('createEncryption', () => {
  test('gives back what it encrypted, in another form each time', () => {
    const encryption = createEncryption([OLD]);
    const first = encryption.encrypt('pässcode');
    expect(first).not.toBe(encryption.encrypt('pässcode'));
    expect(first).not.toContain('pässcode');
    expect(encryption.decrypt(first)).toBe('pässcode');
  });

  test('reads texts of the old key after a rotation, and writes with the new one', () => {
    const written = createEncryption([OLD]).encrypt('secret');
    const rotated = createEncryption([NEW, OLD]);
    expect(rotated.decrypt(written)).toBe('secret');
    expect(createEncryption([NEW]).decrypt(rotated.encrypt('secret'))).toBe('secret');
  });

  test('refuses a text of a key it does not have', () => {
    const written = createEncryption([OLD]).encrypt('secret');
    expect(() => createEncryption([NEW]).decrypt(written)).toThrow(/known key/);
  });

  test('refuses a text that was changed', () => {
    const encryption = createEncryption([OLD]);
    const [id, body = ''] = encryption.encrypt('secret').split('.');
    const changed = Buffer.from(body, 'base64url');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => encryption.decrypt(`${id}.${changed.toString('base64url')}`)).toThrow();
  });

  test('refuses a key of another length', () => {
    expect(() => createEncryption([Buffer.alloc(16).toString('base64')])).toThrow(/32 bytes/);
  });
});
