import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';

/** Secrets of this machine's stack, made on first start and kept in a file of mode 0600. */
export interface LocalSecrets {
  databasePassword: string;
  botTokenSecret: string;
  encryptionKey: string;
  /** RS256 key pair of the local sign-in, PEM. */
  signInPrivateKey: string;
  signInPublicKey: string;
}

export function readOrMakeSecrets(file: string): LocalSecrets {
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as LocalSecrets;
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const secrets: LocalSecrets = {
    databasePassword: randomBytes(18).toString('base64url'),
    botTokenSecret: randomBytes(32).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
    signInPrivateKey: keys.privateKey,
    signInPublicKey: keys.publicKey,
  };
  const unfinished = `${file}.new`;
  fs.writeFileSync(unfinished, JSON.stringify(secrets), { mode: 0o600 });
  fs.renameSync(unfinished, file);
  return secrets;
}
