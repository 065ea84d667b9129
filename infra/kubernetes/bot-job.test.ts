import { z } from 'zod';
import { makeLaunch } from '../../test/bot-launcher-contract';
import { makeBotJob, makeTokenSecret } from './bot-job';
import { botJobOptions, kubernetesSettings, type BotJobOptions } from './settings';

/** As a worker reads them. */
function readOptions(settings: Record<string, string> = {}): BotJobOptions {
  const read = z.object(kubernetesSettings).parse({ BOT_IMAGE: 'local/bot:1', ...settings });
  const given = { apiUrl: 'http://api:8000', logLevel: 'info', botSettings: {} };
  return botJobOptions(read, { ...given, ownNamespace: 'vexa' });
}

describe('a bot’s Job', () => {
  const launch = { ...makeLaunch(), platform: 'zoom' as const, longestMs: 3 * 3_600_000 };

  test('is never tried again by the cluster, and says why it failed', () => {
    const { spec } = makeBotJob(launch, readOptions());
    expect(spec).toMatchObject({ backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } });
    expect(spec?.podFailurePolicy?.rules).toEqual([
      { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      {
        action: 'FailJob',
        onExitCodes: { containerName: 'bot', operator: 'NotIn', values: [0] },
      },
    ]);
  });

  test('may last as long as its meeting and 45 minutes, and is kept for a while', () => {
    const { spec } = makeBotJob(launch, readOptions({ BOT_JOB_TTL_SECONDS: '600' }));
    expect(spec).toMatchObject({
      activeDeadlineSeconds: 3 * 3_600 + 45 * 60,
      ttlSecondsAfterFinished: 600,
    });
  });

  test('asks for what its platform needs, then for the default’s, then for the usual', () => {
    const resources = {
      default: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } },
      zoom: { limits: { memory: '3Gi' } },
    };
    const options = readOptions({ BOT_RESOURCES: JSON.stringify(resources) });
    const read = (platform: 'zoom' | 'teams') =>
      makeBotJob({ ...launch, platform }, options).spec?.template.spec?.containers[0]?.resources;
    expect(read('zoom')).toMatchObject({
      requests: { cpu: '500m', memory: '1Gi' },
      limits: { cpu: '2', memory: '3Gi' },
    });
    expect(read('teams')?.limits).toMatchObject({ cpu: '2', memory: '2Gi' });
  });

  test('goes to the nodes that are meant for it, spread, by its class and its secrets', () => {
    const toleration = { key: 'bots', operator: 'Exists', effect: 'NoSchedule' };
    const options = readOptions({
      BOT_TOLERATIONS: JSON.stringify([toleration]),
      BOT_NODE_SELECTOR: JSON.stringify({ pool: 'bots' }),
      BOT_PRIORITY_CLASS: 'bots',
      BOT_SERVICE_ACCOUNT: 'vexa-bot',
      BOT_IMAGE_PULL_SECRETS: 'registry, another',
      BOT_LABELS: JSON.stringify({ team: 'notes', 'app.kubernetes.io/component': 'api' }),
    });
    const { metadata, spec } = makeBotJob(launch, options).spec?.template ?? {};
    expect(spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'bots' },
      priorityClassName: 'bots',
      serviceAccountName: 'vexa-bot',
      imagePullSecrets: [{ name: 'registry' }, { name: 'another' }],
      topologySpreadConstraints: [
        { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    });
    expect(spec?.tolerations).toContainEqual(toleration);
    // which policies it falls under is not for labels to say
    expect(metadata?.labels).toMatchObject({
      ...{ team: 'notes', 'app.kubernetes.io/component': 'bot' },
      'meetings.bot/meeting': String(launch.meetingId),
    });
  });

  test('reads its token from a Secret that goes with it', () => {
    const job = { metadata: { name: launch.name, uid: 'a-uid' } };
    const secret = makeTokenSecret(launch, job);
    expect(secret.metadata?.ownerReferences).toMatchObject([{ kind: 'Job', uid: 'a-uid' }]);
    const { volumes } = makeBotJob(launch, readOptions()).spec?.template.spec ?? {};
    expect(volumes?.find(({ name }) => name === 'token')?.secret?.secretName).toBe(
      secret.metadata?.name,
    );
  });
});

describe('the settings of bots as Jobs', () => {
  test.each([
    ['BOT_TOLERATIONS', 'bots', 'Expected JSON'],
    ['BOT_TOLERATIONS', '[{"key":"a","effects":"NoSchedule"}]', 'effects'],
    ['BOT_RESOURCES', '{"webex":{}}', 'webex'],
    ['BOT_RESOURCES', '{"zoom":{"limits":{"memory":"much"}}}', 'Expected a quantity'],
    ['BOT_SHM_SIZE', '512MB', 'Expected a quantity'],
    ['BOT_RUN_AS_USER', '0', '>=1'],
  ])('refuse %s of %s', (name, value, text) => {
    expect(() => readOptions({ [name]: value })).toThrow(text);
  });
});
