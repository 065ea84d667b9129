import { createAnalysisActivities } from '../activities/analysis';
import { createBotActivities } from '../activities/bots';
import { createChunkFeed } from '../activities/chunk-feed';
import { createDeliveryActivities } from '../activities/delivery';
import { startDeliveryWaker } from '../activities/delivery-waker';
import { createDeletionActivities, createDeletionBotActivities } from '../activities/deletion';
import { createMeetingActivities } from '../activities/meetings';
import { createPlanActivities } from '../activities/plans';
import { createRecordingActivities } from '../activities/recording';
import { createReconcileActivities } from '../activities/reconcile';
import { createReconcileBotActivities } from '../activities/reconcile-bots';
import { createScheduleActivities } from '../activities/schedules';
import { createSourceActivities } from '../activities/sources';
import { createTranscriptionActivities } from '../activities/transcription';
import { createTranscriptionMetrics } from '../activities/transcription-metrics';
import { createUploadActivities } from '../activities/uploads';
import { createUserDeletionActivities } from '../activities/user-deletion';
import type { TaskQueue } from '../domain/temporal';
import { BOT_TOKEN_LIFETIME_MS } from '../domain/workflow-messages';
import { createAnalyser } from '../infra/analysis/create-analyser';
import { mintBotToken } from '../infra/bot-token';
import { createEncryption } from '../infra/encryption';
import { createIntakeProbe } from '../infra/intake-probe';
import { botSlots, defaultLimits, encryptionKeys, planningTimes } from '../infra/config';
import { createMeetingClient, type MeetingClient } from '../infra/meeting-client';
import { createCarriers } from '../infra/schedules/carriers';
import { createRunPodClient } from '../infra/runpod/client';
import { createBotLauncher } from './bot-launcher';
import type { Resources } from './resources';

/** What a process does for one task queue. */
export interface QueueWork {
  activities: object;
  /** Activities at the same time in one process. */
  maxActivities: number;
  runsWorkflows: boolean;
}

/** Every meeting holds one waiting activity on each of these queues for as long as it lasts. */
const LIVE_MEETINGS_PER_PROCESS = 2_000;

/** All queues and what serves them. */
export const QUEUES: Record<TaskQueue, (resources: Resources) => QueueWork> = {
  meetings: serveMeetings,
  bots: serveBots,
  whisper: serveWhisper,
  analysis: serveAnalysis,
  delivery: serveDelivery,
};

function openMeetingClient({ temporal, logger }: Resources): MeetingClient {
  return createMeetingClient(temporal.client, {
    onTrouble: (err) => logger.warn({ err }, 'a command could not be sent by update'),
  });
}

function serveMeetings(resources: Resources): QueueWork {
  const { config, db, doorbell, audioStore, temporal } = resources;
  const { client } = temporal;
  const meetingClient = openMeetingClient(resources);
  return {
    activities: {
      ...createMeetingActivities({ db, doorbell, slots: botSlots(config) }),
      ...createPlanActivities({
        db,
        doorbell,
        planning: planningTimes(config),
        limits: defaultLimits(config),
        slots: botSlots(config),
      }),
      ...createSourceActivities({ db, audioStore, doorbell }),
      ...createDeletionActivities({ db, client, audioStore }),
      ...createUserDeletionActivities({ db, meetingClient }),
      ...createReconcileActivities({ db, client, meetingClient, audioStore }),
      ...createScheduleActivities({
        db,
        client,
        doorbell,
        meetingClient,
        carriers: createCarriers(client),
      }),
    },
    maxActivities: LIVE_MEETINGS_PER_PROCESS,
    runsWorkflows: true,
  };
}

function serveBots(resources: Resources): QueueWork {
  const { config, db, doorbell, temporal } = resources;
  const launcher = createBotLauncher(resources);
  return {
    activities: {
      ...createBotActivities({
        db,
        doorbell,
        launcher,
        mintToken: (identity) =>
          mintBotToken({ ...identity, lifetimeMs: BOT_TOKEN_LIFETIME_MS }, config.BOT_TOKEN_SECRET),
        isIntakeAnswering: createIntakeProbe(config.BOT_API_URL ?? config.API_URL),
      }),
      ...createDeletionBotActivities({ launcher }),
      ...createReconcileBotActivities({ db, client: temporal.client, launcher, doorbell }),
    },
    maxActivities: LIVE_MEETINGS_PER_PROCESS,
    runsWorkflows: false,
  };
}

function serveWhisper(resources: Resources): QueueWork {
  const { config, db, doorbell, audioStore, logger, registry, releases } = resources;
  const feed = createChunkFeed({ db, doorbell, logger });
  releases.push(() => feed.close());
  return {
    activities: createTranscriptionActivities({
      db,
      feed,
      doorbell,
      audioStore,
      logger,
      metrics: createTranscriptionMetrics(registry),
      whisper: createRunPodClient({ baseUrl: config.WHISPER_URL, apiKey: config.WHISPER_API_KEY }),
      model: config.WHISPER_MODEL,
      concurrency: config.WHISPER_CONCURRENCY,
    }),
    maxActivities: LIVE_MEETINGS_PER_PROCESS,
    runsWorkflows: false,
  };
}

/** Each holds a request to the language model, or a core of this machine. */
const ANALYSES_PER_PROCESS = 10;

function serveAnalysis(resources: Resources): QueueWork {
  const { config, environment, db, doorbell, audioStore } = resources;
  const ffmpeg = config.FFMPEG_PATH;
  return {
    activities: {
      ...createAnalysisActivities({ db, doorbell, analyser: createAnalyser(config) }),
      ...createRecordingActivities({ db, doorbell, audioStore, ffmpeg }),
      ...createUploadActivities({ db, doorbell, audioStore, ffmpeg, environment }),
    },
    maxActivities: ANALYSES_PER_PROCESS,
    runsWorkflows: false,
  };
}

/** Each is an endpoint that gets something right now: a lookup now and then, and requests. */
const BUSY_ENDPOINTS_PER_PROCESS = 1_000;

function serveDelivery(resources: Resources): QueueWork {
  const { config, db, doorbell, logger, releases } = resources;
  const meetingClient = openMeetingClient(resources);
  releases.push(startDeliveryWaker({ db, doorbell, meetingClient, logger }));
  return {
    activities: createDeliveryActivities({
      db,
      doorbell,
      encryption: createEncryption(encryptionKeys(config)),
      outgoing: { allowedHosts: config.OUTGOING_ALLOWED_HOSTS },
    }),
    maxActivities: BUSY_ENDPOINTS_PER_PROCESS,
    runsWorkflows: false,
  };
}
