import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TASK_QUEUES } from '../../domain/temporal';
import { readApiConfig, readWorkerConfig, SETTING_NAMES } from '../../infra/config';
import { fillIn } from './environment';
import { CHART, helm, KUBE_VERSION, useRendered, VALUE_SETS, valuesFile } from './helm';
import { isSelected, listContainers, listPods, ofKind, type Container } from './objects';

const objectsOf = useRendered();

describe.each(VALUE_SETS)('the chart with the values %s', (set) => {
  test('is found faultless by helm lint', async () => {
    const { code, output } = await helm([
      'lint',
      '--strict',
      CHART,
      ...KUBE_VERSION,
      '--values',
      valuesFile(set),
    ]);
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
  ...['HOSTNAME', 'PORT', 'WEB_API_URL', 'API_INTERNAL_URL', 'AUTH_MODE'],
  ...['CLERK_PUBLISHABLE_KEY', 'CLERK_SECRET_KEY', 'CLERK_JWT_KEY', 'CLERK_AUTHORIZED_PARTIES'],
];

/** A variable may be there for another one's value. */
function isUsedBy({ env = [] }: Container, name: string): boolean {
  return env.some(({ value }) => value?.includes(`$(${name})`));
}
