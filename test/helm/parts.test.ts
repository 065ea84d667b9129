import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { OPERATIONS } from '../../api/operations/all';
import { TASK_QUEUES } from '../../domain/temporal';
import { environmentOf } from './environment';
import { CHART, render, useRendered, VALUE_SETS } from './helm';
import { find, findSetUp, listContainers, listPods, ofKind, type KubeObject } from './objects';

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
  test('follow their CPU and the backlog of their own task queue, and no fixed number', () => {
    const objects = objectsOf('keda');
    const scaled = ofKind(objects, 'ScaledObject').map(({ spec }) => [
      spec?.scaleTargetRef?.name,
      spec?.triggers?.flatMap(({ metadata }) => metadata.taskQueue ?? [])[0],
    ]);
    const wanted = Object.values(TASK_QUEUES).map((queue) => [`vexa-worker-${queue}`, queue]);
    expect(scaled.sort()).toEqual(wanted.sort());
    // a worker takes every meeting at once: most queues have no backlog, whatever the load
    for (const { spec } of ofKind(objects, 'ScaledObject')) {
      expect(spec?.triggers?.[0]).toMatchObject({ type: 'cpu', metadata: { value: '70' } });
    }
    for (const [, queue] of wanted) {
      const { spec } = find(objects, 'Deployment', `vexa-worker-${queue}`);
      expect(spec?.replicas).toBeUndefined();
    }
  });
});

/** Connections that a chart's pods may open at the same time, while it is upgraded with all it may scale to. */
function countConnections(objects: KubeObject[]): number {
  const mostOf = (deployment: KubeObject): number => {
    const scaler = objects.find(
      ({ spec }) => spec?.scaleTargetRef?.name === deployment.metadata.name,
    )?.spec;
    const most = scaler?.maxReplicas ?? scaler?.maxReplicaCount ?? deployment.spec?.replicas;
    return Number(most) + 1;
  };
  return ofKind(objects, 'Deployment').reduce((sum, deployment) => {
    const each = listContainers([deployment])
      .flatMap(({ container }) => container.env ?? [])
      .find(({ name }) => name === 'DATABASE_MAX_CONNECTIONS')?.value;
    return sum + mostOf(deployment) * Number(each ?? 0);
  }, 0);
}

/** Of Temporal in the same release: each service has a pool for each database. */
function countTemporalConnections(): number {
  const file = path.join(CHART, '../vexa-with-temporal/values.yaml');
  const { temporal } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    temporal: {
      server: {
        replicaCount: number;
        config: { persistence: { datastores: Record<string, { sql: { maxConns: number } }> } };
      };
    };
  };
  const { datastores } = temporal.server.config.persistence;
  const pools = Object.values(datastores).map(({ sql }) => sql.maxConns);
  expect(pools).toHaveLength(2);
  const services = ['frontend', 'history', 'matching', 'worker'];
  return services.length * temporal.server.replicaCount * pools.reduce((a, b) => a + b, 0);
}

describe('the connections of all pods at their greatest number', () => {
  // migrations, whoever looks or takes a back-up, and what PostgreSQL keeps for its owner
  const OTHERS = 10;
  const configuration = (objects: KubeObject[]): string =>
    JSON.stringify(find(objects, 'ConfigMap', 'vexa-postgresql').data);

  test.each(VALUE_SETS.filter((set) => set !== 'external'))(
    'fit into PostgreSQL with the values %s, and Temporal’s where it is in the release',
    (set) => {
      const objects = objectsOf(set);
      const { TEMPORAL_ADDRESS } = environmentOf(objects, 'Deployment/vexa-api/api');
      const isInside = TEMPORAL_ADDRESS === 'vexa-temporal-frontend:7233';
      const most = countConnections(objects) + (isInside ? countTemporalConnections() : 0);
      const taken = Number(/max_connections = (\d+)/.exec(configuration(objects))?.[1]);
      expect(most).toBeGreaterThan(100);
      expect(most + OTHERS).toBeLessThanOrEqual(taken);
    },
  );

  test('are as many as docs/operations.md says, with KEDA and without', async () => {
    const guide = readFileSync(path.join(CHART, '../../docs/operations.md'), 'utf8');
    const scaled = await render('production', ['temporal.address=""']);
    const temporal = countTemporalConnections();
    expect(guide).toContain(
      `By default that is ${countConnections(objectsOf('minimal'))} and ${temporal} of ${
        /max_connections = (\d+)/.exec(configuration(scaled))?.[1]
      }, with KEDA ${countConnections(scaled)} and ${temporal}.`,
    );
  });
});

describe('the Job that sets up Temporal', () => {
  test('is the same Job while it is made of the same, and another one otherwise', async () => {
    const nameWith = async (sets: string[]): Promise<string> =>
      findSetUp(await render('minimal', sets));
    const name = await nameWith([]);
    expect(await nameWith(['api.replicas=3'])).toBe(name);
    const others = await Promise.all(
      [
        ['images.app.tag="1.0.1"'],
        ['temporal.namespace="others"'],
        ['temporal.address="temporal:7233"'],
        ['workerPods.priorityClassName="high"'],
      ].map(nameWith),
    );
    expect(new Set([name, ...others]).size).toBe(5);
  });
});

describe('a chart that is rendered without a cluster', () => {
  test('is the same each time, with keys of one’s own', async () => {
    const sets = ['secrets.keysSecret="own-keys"'];
    const [one, other] = [await render('minimal', sets), await render('minimal', sets)];
    expect(ofKind(one, 'Secret')).toEqual([]);
    expect(one).toEqual(other);
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
