import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { TASK_QUEUES } from '../../domain/temporal';
import { readApiConfig, readWorkerConfig, SETTING_NAMES } from '../../infra/config';
import { environmentOf, SECRETS } from './environment';
import { CHART, helm, render, useRendered, VALUE_SETS, valuesFile } from './helm';
import { listContainers } from './objects';

const objectsOf = useRendered();

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
    ['networkPolicy.ingressCidrs=["192.0.2.1"]', 'ingressCidrs'],
    ['networkPolicy.dnsCidrs="169.254.20.10/32"', 'dnsCidrs'],
    ['keda.targetCpuPercent=0', 'targetCpuPercent'],
    ['workers.whisper.replicas=0', 'replicas'],
    ['workers.extra={"replicas":1}', 'extra'],
    ['workerPods.terminationGraceSeconds=10', 'terminationGraceSeconds'],
    ['postgresql.enabled=false', 'database.host is needed'],
    ['redis.enabled=false', 'redisConnection.host'],
  ])('are refused with the name of the wrong one: %s', async (wrong, text) => {
    await expect(render('minimal', [wrong])).rejects.toThrow(text);
  });

  test('are taken from Kubernetes 1.30 on, builds of a provider included', async () => {
    const values = ['--values', valuesFile('minimal')];
    const renderFor = (version: string) =>
      helm(['template', 'vexa', CHART, ...values, '--kube-version', version]);
    const { code, output } = await renderFor('1.29.15');
    expect([code, output]).toEqual([1, expect.stringContaining('>=1.30.0-0')]);
    expect((await renderFor('1.30.0-gke.100')).code).toBe(0);
    const [own, whole] = ['vexa', 'vexa-with-temporal'].map(
      (chart) => parse(readFileSync(path.join(CHART, '..', chart, 'Chart.yaml'), 'utf8')) as object,
    );
    expect(whole).toMatchObject({ kubeVersion: (own as { kubeVersion: string }).kubeVersion });
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
    const own = VALUE_SETS.flatMap((set) =>
      listContainers(objectsOf(set))
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

/** Settings that the value sets give by `settings`. */
const SET_BY_VALUES = ['RATE_LIMIT_USER', 'TTS_URL'];

/** Secrets that the chart has no use for, local mode, and what only one machine has. */
const NOT_IN_VALUES = [
  ...['LOCAL_ADMINS', 'LOCAL_AUTH_PRIVATE_KEY', 'KUBECONFIG', 'BOT_RUN_AS_USER'],
  ...['BOT_DIR', 'BOT_SELECTORS_FILE', 'CHROMIUM_PATH'],
];
