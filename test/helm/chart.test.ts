import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OPERATIONS } from '../../api/operations/all';
import { TASK_QUEUES } from '../../domain/temporal';
import { readApiConfig, readWorkerConfig, SETTING_NAMES } from '../../infra/config';
import { environmentOf, fillIn, SECRETS } from './environment';
import { CHART, helm, HELM_BUILD_MS, render, VALUE_SETS, valuesFile } from './helm';
import {
  find,
  isSelected,
  listContainers,
  listPods,
  ofKind,
  type Container,
  type KubeObject,
} from './objects';

/** Everything that the value sets render, made once. */
const rendered = new Map<string, KubeObject[]>();
beforeAll(async () => {
  for (const set of VALUE_SETS) rendered.set(set, await render(set));
}, HELM_BUILD_MS);

function objectsOf(set: string): KubeObject[] {
  const objects = rendered.get(set);
  if (!objects) throw new Error(`Expected the value set ${set}`);
  return objects;
}

describe.each(VALUE_SETS)('the chart with the values %s', (set) => {
  test('is found faultless by helm lint', async () => {
    const { code, output } = await helm(['lint', '--strict', CHART, '--values', valuesFile(set)]);
    expect(output).toContain('0 chart(s) failed');
    expect(code).toBe(0);
  });

  test('makes pods that Pod Security "restricted" admits, with a root that cannot be written', () => {
    const faults = listPods(objectsOf(set)).flatMap(({ of, spec }) => {
      const pod = spec.securityContext;
      const isHeld =
        pod?.runAsNonRoot === true &&
        (pod.runAsUser ?? 0) > 0 &&
        pod.seccompProfile?.type === 'RuntimeDefault';
      const loose = spec.containers.filter(({ securityContext: held }) => {
        const drops = held?.capabilities;
        const isBare = drops?.drop.join() === 'ALL' && drops.add === undefined;
        return !(
          isBare &&
          held?.allowPrivilegeEscalation === false &&
          held.readOnlyRootFilesystem === true
        );
      });
      return isHeld && loose.length === 0 ? [] : [of];
    });
    expect(faults).toEqual([]);
  });

  test('asks for CPU, memory and disk for every container, and limits memory and disk', () => {
    const faults = listContainers(objectsOf(set)).filter(({ container: { resources } }) => {
      const { requests = {}, limits = {} } = resources ?? {};
      const asks = ['cpu', 'memory', 'ephemeral-storage'].every((name) => requests[name]);
      return !(asks && limits.memory && limits['ephemeral-storage']);
    });
    expect(faults.map(({ of }) => of)).toEqual([]);
  });

  test('gives a token of the Kubernetes API to the worker `bots` alone', () => {
    const withToken = listPods(objectsOf(set)).filter(
      ({ spec }) => spec.automountServiceAccountToken !== false,
    );
    expect(withToken.map(({ of }) => of)).toEqual(['Deployment/vexa-worker-bots']);
  });

  test('holds no secret in a value: each comes from a Secret', () => {
    const secretive = /SECRET$|PASSWORD$|_KEY$|_KEYS$|TOKEN/;
    const faults = listContainers(objectsOf(set)).flatMap(({ of, container }) =>
      (container.env ?? [])
        .filter(({ name, valueFrom }) => secretive.test(name) && !valueFrom?.secretKeyRef)
        .map(({ name }) => `${of} ${name}`),
    );
    expect(faults).toEqual([]);
    const keys = ofKind(objectsOf(set), 'Secret').flatMap(({ data }) => Object.keys(data ?? {}));
    expect(keys.filter((key) => !['bot-token-secret', 'encryption-key'].includes(key))).toEqual([]);
  });

  test('sets only what a process reads, and nothing twice', () => {
    const faults = listContainers(objectsOf(set)).flatMap(({ of, container }) => {
      const names = (container.env ?? []).map(({ name }) => name);
      const known = knownSettings(container);
      const unknown = names.filter((name) => !known.has(name) && !isUsedBy(container, name));
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      return [...unknown, ...twice].map((name) => `${of} ${name}`);
    });
    expect(faults).toEqual([]);
  });

  test('gives API and workers settings that they start with', () => {
    for (const { of, container } of listContainers(objectsOf(set))) {
      const settings = fillIn(container.env ?? []);
      if (of.includes('/vexa-api/')) expect(() => readApiConfig(settings)).not.toThrow();
      if (of.includes('/vexa-worker-')) expect(() => readWorkerConfig(settings)).not.toThrow();
    }
  });

  test('has one worker for each task queue, run by its own program', () => {
    const workers = ofKind(objectsOf(set), 'Deployment').flatMap((object) => {
      const command = object.spec?.template?.spec.containers[0]?.command?.at(-1) ?? '';
      const queue = /^dist\/workers\/(.+)\.js$/.exec(command)?.[1];
      return queue ? [[object.metadata.name, queue]] : [];
    });
    const wanted = Object.values(TASK_QUEUES).map((queue) => [`vexa-worker-${queue}`, queue]);
    expect(workers.sort()).toEqual(wanted.sort());
  });

  test('selects exactly the pods that are meant', () => {
    const objects = objectsOf(set);
    const pods = listPods(objects);
    for (const { kind, metadata, spec } of objects) {
      const selector = spec?.selector?.matchLabels ?? spec?.selector;
      if (!selector || kind === 'ServiceMonitor') continue;
      const picked = pods.filter(({ labels }) =>
        isSelected({ matchLabels: selector as Record<string, string> }, labels),
      );
      const names = picked.map(({ of }) => of.split('/')[1]);
      const wanted =
        metadata.name === 'vexa-workers'
          ? Object.values(TASK_QUEUES).map((queue) => `vexa-worker-${queue}`)
          : metadata.name === 'vexa-bot'
            ? []
            : [metadata.name];
      expect([kind, metadata.name, names.sort()]).toEqual([kind, metadata.name, wanted.sort()]);
    }
  });

  test('restarts no process that still runs: liveness waits five minutes, and asks nobody else', () => {
    for (const { of, container } of listContainers(objectsOf(set))) {
      const { livenessProbe: probe } = container;
      if (/^(Job|Pod)\//.test(of)) continue;
      expect([of, (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0)]).toEqual([of, 300]);
      expect(probe?.httpGet?.path ?? '/health').toBe('/health');
      expect(container.readinessProbe).toBeDefined();
      expect(container.startupProbe ?? of).toBeDefined();
    }
  });

  test('names every object so that it belongs to the release', () => {
    for (const { kind, metadata } of objectsOf(set)) {
      expect(metadata.name).toMatch(/^vexa-|^vexa$/);
      expect([kind, metadata.labels?.['app.kubernetes.io/instance']]).toEqual([kind, 'vexa']);
    }
  });
});

describe('values', () => {
  test.each([
    ['host=""', 'host is needed'],
    ['host="https://meetings.example.com"', 'host'],
    ['hosts="meetings.example.com"', 'hosts'],
    ['api.replicas=0', 'replicas'],
    ['api.replica=2', 'replica'],
    ['logLevel="loud"', 'logLevel'],
    ['secrets.databasePassword="example"', 'databasePassword'],
    ['secrets.existingSecret=""', 'existingSecret'],
    ['database.sslMode="prefer"', 'sslMode'],
    ['images.app.digest="latest"', 'digest'],
    ['temporal.address="temporal"', 'address'],
    ['settings={"OPENAI_API_KEY":"sk-example"}', 'OPENAI_API_KEY'],
    ['settings={"LOCAL_ADMINS":"maya@example.com"}', 'LOCAL_ADMINS'],
    ['settings={"RATE_LIMIT_USERS":5}', 'RATE_LIMIT_USERS'],
    ['settings={"BOT_SLOTS":5}', 'BOT_SLOTS'],
    ['bots.slots.total=0', 'slots'],
    ['limits.concurrentBots=-1', 'concurrentBots'],
    ['api.maxUploadBytes="2g"', 'maxUploadBytes'],
    ['api.corsOrigins=["app.example.com"]', 'corsOrigins'],
    ['api.mcpOAuthScopes=["everything"]', 'mcpOAuthScopes'],
    ['outgoing.allowedHosts=["https://hooks.example.internal"]', 'allowedHosts'],
    ['monitoring.metricsToken="a-secret"', 'metricsToken'],
    ['settings={"rateLimitUser":5}', 'rateLimitUser'],
    ['settings={"API_PORT":9000}', 'API_PORT'],
    ['bots.resources={"webex":{}}', 'webex'],
    ['bots.allowedCidrs=["everywhere"]', 'allowedCidrs'],
    ['workers.whisper.replicas=0', 'replicas'],
    ['workers.extra={"replicas":1}', 'extra'],
    ['workerPods.terminationGraceSeconds=10', 'terminationGraceSeconds'],
    ['postgresql.enabled=false', 'database.host is needed'],
    ['redis.enabled=false', 'redisConnection.host'],
  ])('are refused with the name of the wrong one: %s', async (wrong, text) => {
    await expect(render('minimal', [wrong])).rejects.toThrow(text);
  });

  test.each([
    [
      ['monitoring.serviceMonitor.enabled=true', 'api.trustProxy=0'],
      'monitoring.metricsToken=true',
    ],
    [
      ['keda.enabled=true', 'temporal.tls=true', 'temporal.address="a:7233"'],
      'temporal.apiKey=true',
    ],
  ])('that cannot go together are refused with what mends it: %s', async (wrong, text) => {
    await expect(render('minimal', wrong)).rejects.toThrow(text);
  });

  test('take as settings what a process reads, but neither what the chart sets itself nor secrets', () => {
    const schema = JSON.parse(readFileSync(path.join(CHART, 'values.schema.json'), 'utf8')) as {
      properties: { settings: { propertyNames: { enum: string[] } } };
    };
    const own = [...rendered.values()].flatMap((objects) =>
      listContainers(objects)
        .filter(({ container }) => ['api', 'worker'].includes(container.name))
        .flatMap(({ container }) => (container.env ?? []).map(({ name }) => name)),
    );
    const set = own.filter((name) => !SET_BY_VALUES.includes(name));
    const taken = new Set([...set, ...NOT_IN_VALUES]);
    const wanted = SETTING_NAMES.filter((name) => !taken.has(name));
    expect(schema.properties.settings.propertyNames.enum).toEqual(wanted.sort());
    expect(wanted).toEqual(expect.arrayContaining(SET_BY_VALUES));
  });

  test('become the settings of the processes that read them', () => {
    const api = readApiConfig(environmentOf(objectsOf('external'), 'Deployment/vexa-api/api'));
    expect(api).toMatchObject({
      TRUST_PROXY: 0,
      MAX_UPLOAD_BYTES: 536_870_912,
      CORS_ORIGINS: ['https://app.example.com'],
      MCP_OAUTH_SCOPES: ['meetings:read', 'transcripts:read'],
      WEB_URL: 'https://app.example.com',
      OUTGOING_ALLOWED_HOSTS: ['hooks.example.internal'],
      BOT_ALLOWED_ORIGINS: ['https://jitsi.example.internal'],
      METRICS_TOKEN: SECRETS['metrics-token'],
      TTS_URL: 'https://models.example.net/v1',
    });
    const strict = readApiConfig(environmentOf(objectsOf('production'), 'Deployment/vexa-api/api'));
    expect(strict).toMatchObject({
      ADMIN_ROLE_CLAIM: 'metadata.role',
      ADMIN_REQUIRES_SECOND_FACTOR: true,
      RATE_LIMIT_USER: 900,
    });
    expect(strict.METRICS_TOKEN).toBeUndefined();
    for (const queue of Object.values(TASK_QUEUES)) {
      const of = `Deployment/vexa-worker-${queue}/worker`;
      expect(readWorkerConfig(environmentOf(objectsOf('production'), of))).toMatchObject({
        BOT_SLOTS: 60,
        BOT_SLOTS_PER_USER: 20,
        MAX_CONCURRENT_BOTS: 10,
        MAX_BOT_MINUTES_PER_MONTH: 6_000,
      });
      const free = readWorkerConfig(environmentOf(objectsOf('minimal'), of));
      expect([free.BOT_SLOTS, free.MAX_CONCURRENT_BOTS]).toEqual([undefined, undefined]);
    }
  });
});

describe('the ingress', () => {
  test('leads every public path of the API to it, and the rest to the page', () => {
    const objects = objectsOf('minimal');
    const paths = ofKind(objects, 'Ingress').flatMap(({ spec }) =>
      (spec?.rules ?? []).flatMap(({ http }) =>
        http.paths.map((each) => [each.path, each.backend.service.name]),
      ),
    );
    expect(Object.fromEntries(paths)).toEqual({
      '/': 'vexa-web',
      '/.well-known/oauth-protected-resource': 'vexa-api',
      '/api': 'vexa-api',
      '/docs': 'vexa-api',
      '/health': 'vexa-api',
      '/llms.txt': 'vexa-api',
      '/mcp': 'vexa-api',
      '/openapi.json': 'vexa-api',
      '/s': 'vexa-api',
      '/ws': 'vexa-api',
    });
    const { metadata, spec } = find(objects, 'Ingress', 'vexa-api');
    expect(spec?.tls).toEqual([{ hosts: ['meetings.example.com'], secretName: 'vexa-tls' }]);
    // what the API takes, the ingress lets through
    const { MAX_UPLOAD_BYTES } = environmentOf(objectsOf('minimal'), 'Deployment/vexa-api/api');
    expect(MAX_UPLOAD_BYTES).toBe('2147483648');
    expect(metadata.annotations).toMatchObject({
      'cert-manager.io/cluster-issuer': 'letsencrypt-prod',
      'nginx.ingress.kubernetes.io/proxy-body-size': '2147483648',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
    });
  });
});

describe('the Secret of the old system', () => {
  /** What its deployments read from it. */
  const OLD_KEYS = [
    ...['postgres-user', 'postgres-password', 'postgres-db', 'redis-password', 'jwt-secret'],
    ...['admin-api-token', 'runpod-api-key', 'runpod-endpoint-id', 'openai-api-key'],
    ...['clerk-publishable-key', 'clerk-secret-key', 'clerk-webhook-secret'],
  ];

  test('has every key without which a pod would not start', () => {
    const needed = listContainers(objectsOf('minimal')).flatMap(({ container }) =>
      (container.env ?? []).flatMap(({ valueFrom }) => {
        const reference = valueFrom?.secretKeyRef;
        const isTheirs = reference?.name === 'vexa-secrets' && reference.optional !== true;
        return isTheirs ? [reference.key] : [];
      }),
    );
    expect(needed.filter((key) => !OLD_KEYS.includes(key))).toEqual([]);
    expect(needed).toContain('postgres-password');
  });
});

describe('pods', () => {
  test('are pulled with the given secrets, those of bots as well', () => {
    const objects = objectsOf('embedded');
    for (const { of, spec } of listPods(objects)) {
      expect([of, spec.imagePullSecrets]).toEqual([of, [{ name: 'registry' }]]);
    }
    const launcher = listContainers(objects).find(({ of }) => of.includes('worker-bots'));
    expect(launcher?.container.env).toContainEqual({
      name: 'BOT_IMAGE_PULL_SECRETS',
      value: 'registry',
    });
  });

  test('that serve or work are spread, and given up one at a time', () => {
    const objects = objectsOf('production');
    for (const { metadata, spec } of ofKind(objects, 'Deployment')) {
      expect([metadata.name, spec?.template?.spec.affinity !== undefined]).toEqual([
        metadata.name,
        true,
      ]);
      const budget = find(objects, 'PodDisruptionBudget', metadata.name);
      expect(budget.spec?.maxUnavailable).toBe(1);
    }
  });

  test('of bots are never evicted while they may stay', async () => {
    const budget = find(objectsOf('production'), 'PodDisruptionBudget', 'vexa-bot');
    expect(budget.spec?.minAvailable).toBeGreaterThan(100_000);
    const without = await render('production', ['bots.blockEviction=false']);
    const names = ofKind(without, 'PodDisruptionBudget').map(({ metadata }) => metadata.name);
    expect(names).not.toContain('vexa-bot');
  });

  test('of API and workers are given the time that their drain takes', () => {
    for (const { of, spec } of listPods(objectsOf('minimal'))) {
      const graceSeconds = spec.terminationGracePeriodSeconds ?? 30;
      // 10 s of preStop and 20 s until an API ends itself; 60 s until a worker does
      if (of === 'Deployment/vexa-api') expect(graceSeconds).toBeGreaterThan(30);
      if (of.includes('-worker-')) expect(graceSeconds).toBeGreaterThan(60);
    }
  });
});

describe('workers with KEDA', () => {
  test('follow the backlog of their own task queue, and no fixed number', () => {
    const objects = objectsOf('keda');
    const scaled = ofKind(objects, 'ScaledObject').map(({ spec }) => [
      spec?.scaleTargetRef?.name,
      spec?.triggers?.[0]?.metadata.taskQueue,
    ]);
    const wanted = Object.values(TASK_QUEUES).map((queue) => [`vexa-worker-${queue}`, queue]);
    expect(scaled.sort()).toEqual(wanted.sort());
    for (const [, queue] of wanted) {
      const { spec } = find(objects, 'Deployment', `vexa-worker-${queue}`);
      expect(spec?.replicas).toBeUndefined();
    }
  });
});

describe('the routes of the API', () => {
  test('are all reached through the ingress but for those of bots, probes and local sign-in', () => {
    const paths = ofKind(objectsOf('minimal'), 'Ingress')
      .flatMap(({ spec }) => (spec?.rules ?? []).flatMap(({ http }) => http.paths))
      .filter(({ backend }) => backend.service.name === 'vexa-api')
      .map(({ path: each }) => each);
    const routes = Object.keys(OPERATIONS).map((key) => key.split(' ')[1] ?? '');
    const hidden = routes.filter(
      (route) => !paths.some((each) => route === each || route.startsWith(`${each}/`)),
    );
    const inside = /^\/(?:bot\/|ready$|metrics$|sign-in)/;
    expect(hidden.filter((route) => !inside.test(route))).toEqual([]);
    expect(hidden.some((route) => route.startsWith('/bot/'))).toBe(true);
  });
});

describe('the migrations', () => {
  const hookOf = (set: string): string | undefined =>
    find(objectsOf(set), 'Job', 'vexa-migrate').metadata.annotations?.['helm.sh/hook'];

  test('run before everything where the database is there already', () => {
    expect(hookOf('external')).toBe('pre-install,pre-upgrade');
  });

  test('run after the install that brings the database, and before every upgrade', () => {
    expect(hookOf('minimal')).toBe('post-install,pre-upgrade');
  });
});

/** Settings that the value sets give by `settings`. */
const SET_BY_VALUES = ['RATE_LIMIT_USER', 'TTS_URL'];

/** Secrets that the chart has no use for, local mode, and what only one machine has. */
const NOT_IN_VALUES = [
  ...['LOCAL_ADMINS', 'LOCAL_AUTH_PRIVATE_KEY', 'KUBECONFIG', 'BOT_RUN_AS_USER'],
  ...['BOT_DIR', 'BOT_SELECTORS_FILE', 'CHROMIUM_PATH'],
];

/** The names that a container's program reads. */
function knownSettings({ name, command }: Container): Set<string> {
  const byNode = ['NODE_ENV', 'NODE_EXTRA_CA_CERTS'];
  if (name === 'postgresql') {
    return new Set(['POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD', 'PGDATA']);
  }
  if (name === 'redis') return new Set(['REDIS_PASSWORD']);
  if (name === 'whisper') {
    const python = readFileSync(path.join(CHART, '../../whisper/settings.py'), 'utf8');
    const fields = [...python.matchAll(/^ {4}(\w+): /gm)].map((match) => match[1] ?? '');
    return new Set(fields.map((field) => `WHISPER_${field.toUpperCase()}`));
  }
  if (name === 'web') return new Set([...byNode, ...WEB_SETTINGS]);
  return new Set(command ? [...byNode, ...SETTING_NAMES] : []);
}

const WEB_SETTINGS = [
  ...['HOSTNAME', 'PORT', 'WEB_API_URL', 'AUTH_MODE'],
  ...['CLERK_PUBLISHABLE_KEY', 'CLERK_SECRET_KEY', 'CLERK_JWT_KEY', 'CLERK_AUTHORIZED_PARTIES'],
];

/** A variable may be there for another one's value. */
function isUsedBy({ env = [] }: Container, name: string): boolean {
  return env.some(({ value }) => value?.includes(`$(${name})`));
}
