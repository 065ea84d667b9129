import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOrMakeSecrets } from './secrets';

describe('readOrMakeSecrets', () => {
  test('makes them once, readable by this user only', () => {
    const dir = fs.mkdtempSync(path.join(tmpdir(), 'secrets-'));
    const file = path.join(dir, 'secrets.json');

    const made = readOrMakeSecrets(file);

    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(readOrMakeSecrets(file)).toEqual(made);
    expect(Buffer.from(made.encryptionKey, 'base64')).toHaveLength(32);
    fs.rmSync(dir, { recursive: true });
  });
});
