import type { BotLauncher } from '../infra/bot-launcher';
import { createLocalBotLauncher } from '../infra/bot-launcher-local';
import { requireSetting } from '../infra/config';
import { createKubernetesBotLauncher } from '../infra/kubernetes/bot-launcher-kubernetes';
import { openCluster } from '../infra/kubernetes/cluster';
import { botJobOptions } from '../infra/kubernetes/settings';
import { findBotCommand } from './bot-command';
import type { Resources } from './resources';

/** How this installation starts bots. */
export function createBotLauncher(resources: Resources): BotLauncher {
  const { config, environment, logger, releases } = resources;
  const apiUrl = config.BOT_API_URL ?? config.API_URL;
  const logLevel = config.LOG_LEVEL;
  const BOT_ALLOWED_ORIGINS = listAllowedOrigins(config);
  if (config.BOT_LAUNCHER === 'kubernetes') {
    const cluster = openCluster(config.KUBECONFIG);
    const { ownNamespace } = cluster;
    const botSettings = { BOT_ALLOWED_ORIGINS };
    const options = botJobOptions(config, { apiUrl, logLevel, botSettings, ownNamespace });
    const launcher = createKubernetesBotLauncher(cluster, {
      ...options,
      logger: logger.child({ component: 'bot-launcher' }),
    });
    releases.push(() => launcher.close());
    return launcher;
  }
  return createLocalBotLauncher({
    directory: requireSetting(config, 'BOT_DIR'),
    command: findBotCommand('main'),
    deliverCommand: findBotCommand('deliver-spool'),
    apiUrl,
    chromiumPath: config.CHROMIUM_PATH ?? null,
    logLevel,
    botSettings: { BOT_SELECTORS_FILE: config.BOT_SELECTORS_FILE, BOT_ALLOWED_ORIGINS },
    baseEnvironment: environment,
  });
}

/** Where bots may go although it is no public address: the practice room, and what the operator adds. */
function listAllowedOrigins(config: Resources['config']): string {
  const { PRACTICE_ROOM_URL, BOT_ALLOWED_ORIGINS } = config;
  const own = PRACTICE_ROOM_URL === undefined ? [] : [new URL(PRACTICE_ROOM_URL).origin];
  return [...own, ...(BOT_ALLOWED_ORIGINS ?? [])].join(',');
}
