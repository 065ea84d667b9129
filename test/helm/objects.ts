/** Of Kubernetes' objects, what the tests of the chart look at. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels; annotations?: Labels };
  spec?: {
    replicas?: number;
    selector?: { matchLabels?: Labels } & Record<string, unknown>;
    template?: { metadata?: { labels?: Labels }; spec: PodSpec };
    ports?: { port: number; targetPort: string }[];
    scaleTargetRef?: { name: string };
    maxReplicas?: number;
    maxReplicaCount?: number;
    rules?: { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[];
    tls?: { hosts: string[]; secretName: string }[];
    groups?: { rules: { alert: string; expr: string; annotations: Labels }[] }[];
    triggers?: { type: string; metadata: Labels }[];
    endpoints?: Endpoint[];
    podSelector?: PodSelector;
    policyTypes?: string[];
    ingress?: Flow[];
    egress?: Flow[];
    maxUnavailable?: number;
    minAvailable?: number;
    volumeClaimTemplates?: unknown[];
  } & Partial<PodSpec>;
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  roleRef?: { name: string };
  subjects?: { kind: string; name: string }[];
  data?: Labels;
}
export type Labels = Record<string, string>;

/** What a ServiceMonitor has asked, and what is sent with it. */
export interface Endpoint {
  path: string;
  authorization?: { type: string; credentials: { name: string; key: string } };
}

export interface PodSelector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
}

export interface Flow {
  from?: Peer[];
  to?: Peer[];
  ports?: { protocol: string; port: number }[];
}

export interface Peer {
  podSelector?: PodSelector;
  namespaceSelector?: PodSelector;
  ipBlock?: { cidr: string; except?: string[] };
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name: string }[];
  securityContext?: {
    runAsNonRoot?: boolean;
    runAsUser?: number;
    seccompProfile?: { type: string };
  };
  terminationGracePeriodSeconds?: number;
  affinity?: object;
  containers: Container[];
  initContainers?: Container[];
  volumes?: {
    name: string;
    configMap?: object;
    emptyDir?: object;
    persistentVolumeClaim?: object;
  }[];
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  env?: EnvVariable[];
  resources?: { requests?: Labels; limits?: Labels };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop: string[]; add?: string[] };
  };
  ports?: { name: string; containerPort: number }[];
  startupProbe?: object;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface Probe {
  httpGet?: { path: string; port: string };
  tcpSocket?: object;
  periodSeconds: number;
  failureThreshold: number;
}

export interface EnvVariable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string; optional?: boolean } };
}

export interface Pod {
  /** `Deployment/vexa-api` and the like. */
  of: string;
  labels: Labels;
  spec: PodSpec;
}

/** Every pod that the objects ask for. */
export function listPods(objects: KubeObject[]): Pod[] {
  return objects.flatMap((object) => {
    const of = `${object.kind}/${object.metadata.name}`;
    const template = object.spec?.template;
    if (template) return [{ of, labels: template.metadata?.labels ?? {}, spec: template.spec }];
    const { containers } = object.spec ?? {};
    if (object.kind !== 'Pod' || !containers) return [];
    return [{ of, labels: object.metadata.labels ?? {}, spec: { ...object.spec, containers } }];
  });
}

/** Every container with its pod. */
export function listContainers(objects: KubeObject[]): { of: string; container: Container }[] {
  return listPods(objects).flatMap(({ of, spec }) =>
    [...(spec.initContainers ?? []), ...spec.containers].map((container) => ({
      of: `${of}/${container.name}`,
      container,
    })),
  );
}

export function isSelected(selector: PodSelector, labels: Labels): boolean {
  const hasLabels = Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => labels[key] === value,
  );
  return (
    hasLabels &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`Expected the operator In, got ${operator}`);
      return values.includes(labels[key] ?? '');
    })
  );
}

export function ofKind(objects: KubeObject[], kind: string): KubeObject[] {
  return objects.filter((object) => object.kind === kind);
}

export function find(objects: KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (!found) throw new Error(`Expected a ${kind} called ${name}`);
  return found;
}

/** The name of the Job that sets up Temporal, which tells what it is made of. */
export function findSetUp(objects: KubeObject[]): string {
  const names = ofKind(objects, 'Job').map(({ metadata }) => metadata.name);
  const name = names.find((each) => /^vexa-set-up-temporal-[0-9a-f]{10}$/.test(each));
  if (!name) throw new Error(`Expected a Job that sets up Temporal among ${names.join()}`);
  return name;
}
