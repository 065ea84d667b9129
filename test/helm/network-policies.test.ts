import { HELM_BUILD_MS, render } from './helm';
import { find, isSelected, ofKind, type KubeObject, type Labels, type Peer } from './objects';

/** What a policy can be asked about: one of our components, or somebody in another namespace. */
interface Someone {
  name: string;
  labels: Labels;
  /** Of the namespace; ours has none here. */
  namespace?: Labels;
}

const ours = (component: string): Someone => ({
  name: component,
  labels: {
    'app.kubernetes.io/name': 'vexa',
    'app.kubernetes.io/instance': 'vexa',
    'app.kubernetes.io/component': component,
  },
});
const COMPONENTS = [
  ...['api', 'web', 'bot', 'migrate', 'set-up-temporal', 'postgresql', 'redis', 'whisper', 'test'],
  ...['meetings', 'bots', 'whisper', 'analysis', 'delivery'].map((queue) => `worker-${queue}`),
].map(ours);
const namespace = (name: string): Someone => ({
  name,
  labels: {},
  namespace: { 'kubernetes.io/metadata.name': name },
});
const FOREIGNERS = ['ingress-nginx', 'monitoring', 'keda', 'default'].map(namespace);
const STRANGER: Someone = { name: 'stranger', labels: { app: 'stranger' } };
const TEMPORAL: Someone = {
  name: 'temporal',
  labels: { 'app.kubernetes.io/name': 'temporal', 'app.kubernetes.io/instance': 'vexa' },
};
const PORTS = [3000, 5432, 6379, 7233, 8000, 8001, 8005];

function isMeant(peer: Peer, who: Someone): boolean {
  if (peer.ipBlock) return false;
  if (peer.namespaceSelector) {
    return who.namespace !== undefined && isSelected(peer.namespaceSelector, who.namespace);
  }
  return who.namespace === undefined && isSelected(peer.podSelector ?? {}, who.labels);
}

/** Kubernetes' rule: selected by no policy of a direction is allowed, else one must allow it. */
function allows(
  policies: KubeObject[],
  direction: 'ingress' | 'egress',
  flow: { of: Someone; with: Someone; port: number },
): boolean {
  if (flow.of.namespace) return true;
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  const selecting = policies.filter(
    ({ spec }) =>
      spec?.policyTypes?.includes(type) && isSelected(spec.podSelector ?? {}, flow.of.labels),
  );
  if (selecting.length === 0) return true;
  return selecting.some(({ spec }) =>
    (spec?.[direction] ?? []).some((rule) => {
      const peers = (direction === 'ingress' ? rule.from : rule.to) ?? [];
      const isPort = !rule.ports || rule.ports.some(({ port }) => port === flow.port);
      return isPort && peers.some((peer) => isMeant(peer, flow.with));
    }),
  );
}

/** `from -> to:port` for everything that both sides allow. */
function listFlows(policies: KubeObject[], everybody: Someone[]): string[] {
  return everybody.flatMap((from) =>
    everybody
      .filter((to) => to !== from && to.namespace === undefined)
      .flatMap((to) =>
        PORTS.filter(
          (port) =>
            allows(policies, 'egress', { of: from, with: to, port }) &&
            allows(policies, 'ingress', { of: to, with: from, port }),
        ).map((port) => `${from.name} -> ${to.name}:${port}`),
      ),
  );
}

const QUEUES = ['meetings', 'bots', 'whisper', 'analysis', 'delivery'];
const WORKERS = QUEUES.map((queue) => `worker-${queue}`);
const PROCESSES = ['api', ...WORKERS];

async function policiesOf(set: string, sets: string[] = []): Promise<KubeObject[]> {
  return ofKind(await render(set, sets), 'NetworkPolicy');
}

describe('the network policies', () => {
  test(
    'let through these flows, with everything in the cluster, and no other',
    async () => {
      const everybody = [...COMPONENTS, ...FOREIGNERS, STRANGER, TEMPORAL];
      const wanted = [
        'ingress-nginx -> api:8000',
        'ingress-nginx -> web:3000',
        'web -> api:8000',
        'bot -> api:8000',
        'worker-bots -> api:8000',
        'test -> api:8000',
        'test -> web:3000',
        'monitoring -> api:8000',
        ...WORKERS.map((worker) => `monitoring -> ${worker}:8001`),
        ...[...PROCESSES, 'migrate', 'temporal'].map((process) => `${process} -> postgresql:5432`),
        ...PROCESSES.map((process) => `${process} -> redis:6379`),
        ...[...PROCESSES, 'set-up-temporal'].map((process) => `${process} -> temporal:7233`),
        'worker-whisper -> whisper:8005',
      ];
      const flows = listFlows(await policiesOf('embedded'), everybody);
      expect(flows.sort()).toEqual(wanted.sort());
    },
    HELM_BUILD_MS,
  );

  test('let bots out to the internet, and to no private network', async () => {
    const policies = await policiesOf('minimal');
    const out = policies.filter(({ spec }) =>
      isSelected(spec?.podSelector ?? {}, ours('bot').labels),
    );
    const blocks = out.flatMap(({ spec }) =>
      (spec?.egress ?? []).flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock ?? [])),
    );
    expect(blocks.map(({ cidr }) => cidr)).toEqual(['0.0.0.0/0', '::/0']);
    expect(blocks[0]?.except).toEqual(
      expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']),
    );
  });

  test('let nobody but processes of ours out to databases outside', async () => {
    const policies = await policiesOf('external');
    const outside = policies.flatMap(({ metadata, spec }) =>
      (spec?.egress ?? []).flatMap(({ to = [], ports = [] }) =>
        to.some(({ ipBlock }) => ipBlock?.cidr === '192.0.2.0/24')
          ? [`${metadata.name} ${ports.map(({ port }) => port).join()}`]
          : [],
      ),
    );
    expect(outside.sort()).toEqual([
      'vexa-api-to-speech-out 443',
      'vexa-processes-to-audio-store-out 9000',
      'vexa-processes-to-postgresql-out 6432',
      'vexa-processes-to-redis-out 6379,26379',
      'vexa-processes-to-temporal-out 7233',
      'vexa-worker-to-models-out 443',
    ]);
  });

  test('let into networks of one’s own only those who have business there', async () => {
    const policies = await policiesOf('external');
    const goTo = (cidr: string): string[] =>
      policies.flatMap(({ metadata, spec }) =>
        (spec?.egress ?? []).flatMap(({ to = [], ports = [] }) =>
          to.some(({ ipBlock }) => ipBlock?.cidr === cidr)
            ? [`${metadata.name} ${ports.map(({ port }) => port).join()}`]
            : [],
        ),
      );
    expect(goTo('10.20.0.0/16').sort()).toEqual([
      'vexa-join-tokens-out 443,8443',
      'vexa-webhooks-to-internet-out 443,8443',
    ]);
    expect(goTo('10.30.0.0/16')).toEqual(['vexa-bots-to-internet-out ']);
  });

  test.each([
    ['http://models.example.internal:8000/v1', 8000],
    ['http://models.example.internal/v1', 80],
    ['https://[2001:db8::7]/v1:1', 443],
    ['https://[2001:db8::7]:8443/v1', 8443],
  ])('let models and speech be reached where they are, at %s', async (url, port) => {
    const values = { 'analysis.baseUrl': url, 'whisper.url': url, settings: { TTS_URL: url } };
    const sets = Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const policies = await policiesOf('minimal', sets);
    for (const [name, component] of [
      ['worker-to-models', 'worker-analysis'],
      ['worker-to-whisper', 'worker-whisper'],
      ['api-to-speech', 'api'],
    ] as const) {
      const { spec } = find(policies, 'NetworkPolicy', `vexa-${name}-out`);
      expect(isSelected(spec?.podSelector ?? {}, ours(component).labels)).toBe(true);
      expect(spec?.egress).toEqual([
        { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'TCP', port }] },
      ]);
    }
  });

  test('let in an ingress of the nodes’ own network, and out to a name server on each node', async () => {
    const policies = await policiesOf('minimal', [
      'networkPolicy.ingressCidrs=["192.0.2.0/24","2001:db8::/64"]',
      'networkPolicy.dnsCidrs=["169.254.20.10/32"]',
    ]);
    const from = policies.flatMap(({ metadata, spec }) =>
      (spec?.ingress ?? []).flatMap(({ from: peers = [], ports = [] }) =>
        peers.flatMap(({ ipBlock }) =>
          ipBlock ? [`${metadata.name} ${ipBlock.cidr} ${ports.map((each) => each.port)}`] : [],
        ),
      ),
    );
    expect(from.sort()).toEqual([
      'vexa-ingress-to-acme-solver 192.0.2.0/24 8089',
      'vexa-ingress-to-acme-solver 2001:db8::/64 8089',
      'vexa-ingress-to-api-in 192.0.2.0/24 8000',
      'vexa-ingress-to-api-in 2001:db8::/64 8000',
      'vexa-ingress-to-web-in 192.0.2.0/24 3000',
      'vexa-ingress-to-web-in 2001:db8::/64 3000',
    ]);
    const { spec } = find(policies, 'NetworkPolicy', 'vexa-all-to-dns');
    expect(spec?.egress?.[0]?.to).toContainEqual({ ipBlock: { cidr: '169.254.20.10/32' } });
  });

  test('keep private networks of either family out of what is the internet', async () => {
    const policies = await policiesOf('minimal', [
      'networkPolicy.privateCidrs=["10.0.0.0/8","2001:db8::/32","fc00::/7"]',
    ]);
    const { spec } = find(policies, 'NetworkPolicy', 'vexa-bots-to-internet-out');
    expect(spec?.egress?.[0]?.to?.map(({ ipBlock }) => ipBlock)).toEqual([
      { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] },
      { cidr: '::/0', except: ['::1/128', 'fc00::/7', 'fe80::/10', '2001:db8::/32'] },
    ]);
  });

  test('are gone where they are switched off', async () => {
    const objects = await render('minimal', ['networkPolicy.enabled=false']);
    expect(ofKind(objects, 'NetworkPolicy')).toEqual([]);
  });
});
