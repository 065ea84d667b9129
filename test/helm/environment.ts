import { generateKeyPairSync } from 'node:crypto';
import { listContainers, type EnvVariable, type KubeObject } from './objects';

/** An example of every secret whose form is checked, by its key. */
export const SECRETS: Record<string, string> = {
  'admin-api-token': 'x'.repeat(43),
  'bot-token-secret': 'x'.repeat(44),
  'encryption-key': Buffer.alloc(32).toString('base64'),
  'encryption-old-keys': Buffer.alloc(32, 1).toString('base64'),
  'metrics-token': 'm'.repeat(64),
  'clerk-publishable-key': `pk_live_${btoa('clerk.example.com$')}`,
  'clerk-jwt-key': generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString(),
  'clerk-webhook-secret': `whsec_${'A'.repeat(43)}=`,
  'outgoing-signing-secret': `whsec_${'A'.repeat(43)}=`,
};

/** What one container would see, given as `Deployment/vexa-api/api`, with examples of secrets. */
export function environmentOf(objects: KubeObject[], of: string): Record<string, string> {
  const found = listContainers(objects).find((each) => each.of === of);
  if (!found) throw new Error(`Expected the container ${of}`);
  return fillIn(found.container.env ?? []);
}

/** The variables as a pod would see them, with an example of every secret. */
export function fillIn(env: EnvVariable[]): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const { name, value, valueFrom } of env) {
    const key = valueFrom?.secretKeyRef?.key ?? '';
    filled[name] = valueFrom
      ? (SECRETS[key] ?? `example of ${key}`)
      : (value ?? '').replace(/\$\((\w+)\)/g, (_, other: string) => filled[other] ?? '');
  }
  return filled;
}
