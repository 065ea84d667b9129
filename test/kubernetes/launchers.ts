import { randomUUID } from 'node:crypto';
import { RbacAuthorizationV1Api, type V1PolicyRule } from '@kubernetes/client-node';
import pino from 'pino';
import { z } from 'zod';
import type { BotLauncher } from '../../infra/bot-launcher';
import { createKubernetesBotLauncher } from '../../infra/kubernetes/bot-launcher-kubernetes';
import type { Cluster } from '../../infra/kubernetes/cluster';
import {
  botJobOptions,
  kubernetesSettings,
  type BotJobOptions,
} from '../../infra/kubernetes/settings';
import type { ControlPlane } from './control-plane';

export type KubernetesLauncher = BotLauncher & { close(): Promise<void> };

/** The options that the settings make, as a worker reads them. */
export function makeJobOptions(settings: Record<string, string>): BotJobOptions {
  const read = z.object(kubernetesSettings).parse({ BOT_IMAGE: 'local/bot:1', ...settings });
  return botJobOptions(read, {
    apiUrl: 'http://127.0.0.1:8000',
    logLevel: 'info',
    botSettings: { BOT_ALLOWED_ORIGINS: 'http://127.0.0.1:8004' },
    ownNamespace: 'default',
  });
}

/** A launcher as a worker has it. */
export function makeLauncher(
  cluster: Cluster,
  settings: Record<string, string>,
): KubernetesLauncher {
  const logger = pino({ level: 'silent' });
  return createKubernetesBotLauncher(cluster, { ...makeJobOptions(settings), logger });
}

export function makeNamespaceName(): string {
  return `bots-${randomUUID().slice(0, 8)}`;
}

/** What the launcher may do in its namespace, and nothing more. */
const LAUNCHER_RULES: V1PolicyRule[] = [
  {
    apiGroups: ['batch'],
    resources: ['jobs'],
    verbs: ['create', 'get', 'list', 'watch', 'delete'],
  },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
];

/** Opens the cluster as a service account that may do only what launchers have to do. */
export async function openAsLauncher(plane: ControlPlane, namespace: string): Promise<Cluster> {
  return plane.openAs(await makeLauncherToken(plane, namespace));
}

/** A token of that service account, which is made for it. */
async function makeLauncherToken(plane: ControlPlane, namespace: string): Promise<string> {
  const { core, config } = plane.cluster;
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const name = 'launcher';
  const metadata = { name };
  await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
  await rbac.createNamespacedRole({ namespace, body: { metadata, rules: LAUNCHER_RULES } });
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  });
  const asked = await core.createNamespacedServiceAccountToken({
    namespace,
    name,
    body: { spec: { audiences: [], expirationSeconds: 3_600 } },
  });
  return asked.status?.token ?? '';
}
