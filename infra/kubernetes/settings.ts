import { z } from 'zod';
import { platformSchema, type Platform } from '../../domain/platforms';

/** A value that is written as JSON. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'Expected JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const names = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(z.string().min(1)))
  .default([]);
const texts = z.record(z.string(), z.string());
const quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|[kMGT]|[KMGT]i)?$/, 'Expected a quantity such as 500m or 768Mi');
const quantities = z.record(z.string(), quantity);

const resourcesSchema = z.strictObject({
  requests: quantities.default({}),
  limits: quantities.default({}),
});
/** What a bot's container asks for and may use, by Kubernetes' names of resources. */
export type BotResources = z.infer<typeof resourcesSchema>;

/** By `docs/benchmarks.md` a bot takes a quarter of a core and 500 MiB; real pages draw more. */
const USUAL_RESOURCES: BotResources = {
  requests: { cpu: '500m', memory: '768Mi', 'ephemeral-storage': '512Mi' },
  limits: { cpu: '2', memory: '1536Mi', 'ephemeral-storage': '4Gi' },
};

const resourcesByPlatform = z.partialRecord(
  z.enum(['default', ...platformSchema.options]),
  resourcesSchema,
);

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().min(0).optional(),
});

/** Settings of bots as Jobs; they count with `BOT_LAUNCHER=kubernetes` alone. */
export const kubernetesSettings = {
  /** Where no service account is: how the cluster is reached. */
  KUBECONFIG: z.string().min(1).optional(),
  BOT_NAMESPACE: z.string().min(1).optional(),
  BOT_IMAGE: z.string().min(1).optional(),
  BOT_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  BOT_IMAGE_PULL_SECRETS: names,
  BOT_SERVICE_ACCOUNT: z.string().min(1).optional(),
  BOT_PRIORITY_CLASS: z.string().min(1).optional(),
  BOT_RESOURCES: json(resourcesByPlatform).default({}),
  BOT_SHM_SIZE: quantity.default('512Mi'),
  BOT_SPOOL_SIZE: quantity.default('2Gi'),
  BOT_RUN_AS_USER: z.coerce.number().int().min(1).max(2_147_483_647).default(10_001),
  BOT_LABELS: json(texts).default({}),
  BOT_ANNOTATIONS: json(texts).default({}),
  BOT_NODE_SELECTOR: json(texts).default({}),
  BOT_TOLERATIONS: json(z.array(toleration)).default([]),
  BOT_SELECTORS_CONFIG_MAP: z.string().min(1).optional(),
  BOT_JOB_TTL_SECONDS: z.coerce.number().int().min(60).max(604_800).default(3_600),
};

type Settings = z.output<ReturnType<typeof z.object<typeof kubernetesSettings>>>;

/** How bots run as Jobs. */
export interface BotJobOptions {
  namespace: string;
  image: string;
  imagePullPolicy: Settings['BOT_IMAGE_PULL_POLICY'];
  imagePullSecrets: readonly string[];
  serviceAccount: string | undefined;
  priorityClass: string | undefined;
  resources(platform: Platform): BotResources;
  /** Size of `/dev/shm`, which is memory and counts against the bot's limit. */
  shmSize: string;
  spoolSize: string;
  runAsUser: number;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  nodeSelector: Readonly<Record<string, string>>;
  tolerations: Settings['BOT_TOLERATIONS'];
  /** Holds `selectors.json`, which mends a platform's changed page without a release. */
  selectorsConfigMap: string | undefined;
  ttlSeconds: number;
  /** Address of the API as bots reach it. */
  apiUrl: string;
  logLevel: string;
  /** Settings of the bot beyond what the launcher gives it. */
  botSettings: Readonly<Record<string, string | undefined>>;
}

/** How bots run as Jobs, by the settings; without `BOT_NAMESPACE` in `ownNamespace`. */
export function botJobOptions(
  settings: Settings,
  bot: Pick<BotJobOptions, 'apiUrl' | 'logLevel' | 'botSettings'> & { ownNamespace: string },
): BotJobOptions {
  const { ownNamespace, ...given } = bot;
  if (settings.BOT_IMAGE === undefined) throw new Error('Expected BOT_IMAGE to be set');
  return {
    ...given,
    namespace: settings.BOT_NAMESPACE ?? ownNamespace,
    image: settings.BOT_IMAGE,
    imagePullPolicy: settings.BOT_IMAGE_PULL_POLICY,
    imagePullSecrets: settings.BOT_IMAGE_PULL_SECRETS,
    serviceAccount: settings.BOT_SERVICE_ACCOUNT,
    priorityClass: settings.BOT_PRIORITY_CLASS,
    resources: (platform) => findResources(settings.BOT_RESOURCES, platform),
    shmSize: settings.BOT_SHM_SIZE,
    spoolSize: settings.BOT_SPOOL_SIZE,
    runAsUser: settings.BOT_RUN_AS_USER,
    labels: settings.BOT_LABELS,
    annotations: settings.BOT_ANNOTATIONS,
    nodeSelector: settings.BOT_NODE_SELECTOR,
    tolerations: settings.BOT_TOLERATIONS,
    selectorsConfigMap: settings.BOT_SELECTORS_CONFIG_MAP,
    ttlSeconds: settings.BOT_JOB_TTL_SECONDS,
  };
}

/** A platform's own values come before `default`, and those before what is usual. */
function findResources(given: Settings['BOT_RESOURCES'], platform: Platform): BotResources {
  const merge = (kind: keyof BotResources): Record<string, string> => ({
    ...USUAL_RESOURCES[kind],
    ...given.default?.[kind],
    ...given[platform]?.[kind],
  });
  return { requests: merge('requests'), limits: merge('limits') };
}
