import { OPERATIONS } from '../../api/operations/all';
import { TASK_QUEUES } from '../../domain/temporal';
import { environmentOf } from './environment';
import { render, useRendered } from './helm';
import { find, listContainers, listPods, ofKind } from './objects';

const objectsOf = useRendered();

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
