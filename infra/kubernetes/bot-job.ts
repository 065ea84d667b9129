import type { V1Container, V1Job, V1PodSpec, V1Secret, V1Volume } from '@kubernetes/client-node';
import type { BotLaunch } from '../bot-launcher';
import type { BotJobOptions } from './settings';

/** Which launch a Job is for. */
export const LAUNCH_LABEL = 'meetings.bot/launch';
/** Carried by every bot's Job and pod; the value is the meeting's id. */
export const MEETING_LABEL = 'meetings.bot/meeting';
const ATTEMPT_LABEL = 'meetings.bot/attempt';
const COMPONENT = { 'app.kubernetes.io/component': 'bot' };
/** The container whose end is the bot's end. */
export const BOT_CONTAINER = 'bot';

/** A bot that is asked to go has heard it by then, or is killed. */
export const ANSWER_SECONDS = 5;
/** One that has heard ends itself within this. */
const LEAVE_SECONDS = 30;
/** After it, what it left is sent: below the time a living bot would take, so that nodes drain. */
const DELIVER_SECONDS = 60;
/** From the moment a pod is asked to end until it is over. */
export const GRACE_SECONDS = LEAVE_SECONDS + DELIVER_SECONDS;
/** A pod that waits for a machine, and a bot that sends an hour of audio after an outage. */
const DEADLINE_MARGIN_SECONDS = 45 * 60;
/** The bot is noticed to be lost and replaced long before; its pod need not wait five minutes. */
const LOST_NODE_SECONDS = 60;

const SPOOL_DIR = '/spool';
const TOKEN_DIR = '/run/bot';
const SELECTORS_DIR = '/etc/bot';
const program = (name: string): string[] => [
  'node',
  '--enable-source-maps',
  `/app/dist/bot/src/${name}.js`,
];

/**
 * Costs nothing until the bot's container has ended, by whatever cause: the kubelet then asks
 * sidecars to end, and this one sends what the bot left first.
 */
const KEEP_SPOOL = `trap 'kill "$pause"; exec ${program('deliver-spool').join(' ')}' TERM
while :; do sleep 3600 & pause=$!; wait "$pause"; done`;

/**
 * Runs in the sidecar as the pod is asked to end. The grace is the whole pod's: a frozen bot would use
 * it up, and the kubelet leaves what comes after it two seconds.
 */
const END_DEAF_BOT = [...program('end-deaf-bot'), String(ANSWER_SECONDS), String(LEAVE_SECONDS)];

/** The Job of one attempt's bot. Nothing of the meeting but its number stands in it. */
export function makeBotJob(launch: BotLaunch, options: BotJobOptions): V1Job {
  const labels = {
    ...options.labels,
    ...COMPONENT,
    [MEETING_LABEL]: String(launch.meetingId),
    [ATTEMPT_LABEL]: String(launch.attempt),
    [LAUNCH_LABEL]: launch.launchId,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: launch.name, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(launch.longestMs / 1_000) + DEADLINE_MARGIN_SECONDS,
      ttlSecondsAfterFinished: options.ttlSeconds,
      // both fail the Job, as its limit would; they keep the cause when the pod is gone
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
          },
          {
            action: 'FailJob',
            onExitCodes: { containerName: BOT_CONTAINER, operator: 'NotIn', values: [0] },
          },
        ],
      },
      template: {
        metadata: { labels, annotations: { ...options.annotations, ...KEPT_ANNOTATIONS } },
        spec: makePodSpec(launch, options),
      },
    },
  };
}

/** Holds the bot's token, and goes with its Job. */
export function makeTokenSecret(launch: BotLaunch, job: V1Job): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    immutable: true,
    metadata: {
      name: nameTokenSecret(launch),
      labels: { ...COMPONENT, [MEETING_LABEL]: String(launch.meetingId) },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: launch.name,
          uid: job.metadata?.uid ?? '',
        },
      ],
    },
    stringData: { token: launch.token },
  };
}

/** One name per launch, so that nobody has to read a Secret to know whose it is. */
function nameTokenSecret({ name, launchId }: BotLaunch): string {
  return `${name}-${launchId.slice(0, 8)}`;
}

/** A bot cannot be moved: whoever makes room on a node should take others. */
const KEPT_ANNOTATIONS = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
};

function makePodSpec(launch: BotLaunch, options: BotJobOptions): V1PodSpec {
  const { runAsUser } = options;
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // a bot is not process 1 then: signals reach it from its first moment, and orphans are reaped
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    ...(options.serviceAccount && { serviceAccountName: options.serviceAccount }),
    ...(options.priorityClass && { priorityClassName: options.priorityClass }),
    imagePullSecrets: options.imagePullSecrets.map((name) => ({ name })),
    nodeSelector: { 'kubernetes.io/os': 'linux', ...options.nodeSelector },
    tolerations: [
      ...['not-ready', 'unreachable'].map((trouble) => ({
        key: `node.kubernetes.io/${trouble}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: LOST_NODE_SECONDS,
      })),
      ...options.tolerations,
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: COMPONENT },
      },
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser,
      runAsGroup: runAsUser,
      fsGroup: runAsUser,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    initContainers: [makeSpoolSidecar(options)],
    containers: [makeBotContainer(launch, options)],
    volumes: makeVolumes(launch, options),
  };
}

function makeBotContainer(launch: BotLaunch, options: BotJobOptions): V1Container {
  const hasSelectors = options.selectorsConfigMap !== undefined;
  return {
    ...makeContainer(options),
    name: BOT_CONTAINER,
    command: program('main'),
    env: toEnv({
      ...makeSharedSettings(options),
      ...options.botSettings,
      ...(hasSelectors && { BOT_SELECTORS_FILE: `${SELECTORS_DIR}/selectors.json` }),
    }),
    resources: options.resources(launch.platform),
    volumeMounts: [
      ...SHARED_MOUNTS,
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'shm', mountPath: '/dev/shm' },
      ...(hasSelectors ? [{ name: 'selectors', mountPath: SELECTORS_DIR, readOnly: true }] : []),
    ],
  };
}

/** A native sidecar: it starts before the bot and outlives it. */
function makeSpoolSidecar(options: BotJobOptions): V1Container {
  return {
    ...makeContainer(options),
    name: 'spool',
    restartPolicy: 'Always',
    command: ['sh', '-c', KEEP_SPOOL],
    lifecycle: { preStop: { exec: { command: END_DEAF_BOT } } },
    env: toEnv({
      ...makeSharedSettings(options),
      BOT_DELIVER_TIMEOUT_SECONDS: String(DELIVER_SECONDS - 5),
    }),
    resources: {
      requests: { cpu: '5m', memory: '16Mi' },
      limits: { cpu: '500m', memory: '256Mi' },
    },
    volumeMounts: SHARED_MOUNTS,
  };
}

function makeContainer({ image, imagePullPolicy }: BotJobOptions): Omit<V1Container, 'name'> {
  return {
    image,
    imagePullPolicy,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

function makeSharedSettings({ apiUrl, logLevel }: BotJobOptions): Record<string, string> {
  return {
    BOT_API_URL: apiUrl,
    BOT_TOKEN_FILE: `${TOKEN_DIR}/token`,
    BOT_SPOOL_DIR: SPOOL_DIR,
    BOT_LOG_LEVEL: logLevel,
    HOME: '/tmp',
  };
}

function toEnv(settings: Record<string, string | undefined>): { name: string; value: string }[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value }],
  );
}

const SHARED_MOUNTS = [
  { name: 'spool', mountPath: SPOOL_DIR },
  { name: 'token', mountPath: TOKEN_DIR, readOnly: true },
];

function makeVolumes(launch: BotLaunch, options: BotJobOptions): V1Volume[] {
  const selectors = options.selectorsConfigMap;
  return [
    { name: 'spool', emptyDir: { sizeLimit: options.spoolSize } },
    { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: options.shmSize } },
    // made just after the Job: the pod waits for it
    { name: 'token', secret: { secretName: nameTokenSecret(launch), defaultMode: 0o440 } },
    ...(selectors === undefined ? [] : [{ name: 'selectors', configMap: { name: selectors } }]),
  ];
}
