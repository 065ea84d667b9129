/** A kind of somebody else's operator, with the fields that the chart uses: others are refused. */
interface ForeignKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  spec: Schema;
}

interface Schema {
  type: 'object' | 'string' | 'integer' | 'array' | 'boolean';
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
}

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const texts: Schema = { type: 'object', additionalProperties: text };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
});

const KINDS: ForeignKind[] = [
  {
    group: 'keda.sh',
    version: 'v1alpha1',
    kind: 'ScaledObject',
    plural: 'scaledobjects',
    spec: object(
      {
        scaleTargetRef: object({ name: text }, ['name']),
        minReplicaCount: whole,
        maxReplicaCount: whole,
        pollingInterval: whole,
        cooldownPeriod: whole,
        triggers: listOf(
          object(
            { type: text, metadata: texts, authenticationRef: object({ name: text }, ['name']) },
            ['type', 'metadata'],
          ),
        ),
      },
      ['scaleTargetRef', 'triggers'],
    ),
  },
  {
    group: 'keda.sh',
    version: 'v1alpha1',
    kind: 'TriggerAuthentication',
    plural: 'triggerauthentications',
    spec: object({
      secretTargetRef: listOf(
        object({ parameter: text, name: text, key: text }, ['parameter', 'name', 'key']),
      ),
    }),
  },
  {
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'ServiceMonitor',
    plural: 'servicemonitors',
    spec: object(
      {
        selector: object({ matchLabels: texts }),
        podTargetLabels: listOf(text),
        endpoints: listOf(object({ port: text, path: text, interval: text })),
      },
      ['selector', 'endpoints'],
    ),
  },
  {
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'PrometheusRule',
    plural: 'prometheusrules',
    spec: object({
      groups: listOf(
        object(
          {
            name: text,
            rules: listOf(
              object({ alert: text, expr: text, for: text, labels: texts, annotations: texts }, [
                'alert',
                'expr',
              ]),
            ),
          },
          ['name', 'rules'],
        ),
      ),
    }),
  },
];

/** The definitions that let an API server take these kinds. */
export function makeForeignKinds(): object[] {
  return KINDS.map(({ group, version, kind, plural, spec }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: object({ spec }, ['spec']) },
        },
      ],
    },
  }));
}
