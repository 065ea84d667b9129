import { recordReport } from '../../../infra/database/attempts';
import type { Database } from '../../../infra/database/client';
import type { BotLaunch } from '../../../infra/bot-launcher';
import type { Doorbell } from '../../../infra/doorbell';
import type { MeetingClient } from '../../../infra/meeting-client';
import { FakeLauncher } from '../../fake-launcher';

export interface PlayedBotsDeps {
  db: Database;
  doorbell: Pick<Doorbell, 'ring'>;
  meetingClient: MeetingClient;
  /** A bot says after so long that its meeting is over; null for bots that stay. */
  staysMs: number | null;
}

/**
 * Launches no process: notes when it is asked for a bot, and reports for it, as the API's route
 * does, that it is in the meeting and that the meeting is over.
 */
export class PlayedBots extends FakeLauncher {
  /** When each bot was launched, by its name, epoch ms. */
  readonly launchedAt = new Map<string, number[]>();
  /** When each bot had said that it ended, epoch ms. */
  readonly endedAt: number[] = [];
  readonly failures: unknown[] = [];
  private running = 0;
  /** Bots that ran at the same time at the most. */
  mostAtOnce = 0;

  constructor(private readonly deps: PlayedBotsDeps) {
    super();
  }

  override async launch(launch: BotLaunch): Promise<void> {
    this.launchedAt.set(launch.name, [...(this.launchedAt.get(launch.name) ?? []), Date.now()]);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    await super.launch(launch);
    const { staysMs } = this.deps;
    if (staysMs === null) return;
    this.attend(launch, staysMs).catch((error: unknown) => this.failures.push(error));
  }

  private async attend(launch: BotLaunch, staysMs: number): Promise<void> {
    await this.report(launch, { reportSeq: 1, state: 'in_meeting' });
    await new Promise((resolve) => setTimeout(resolve, staysMs));
    this.running -= 1;
    await this.report(launch, {
      reportSeq: 2,
      state: 'ended',
      reason: 'meeting_ended',
      lastSeqs: {},
    });
    this.endedAt.push(Date.now());
    this.exit(launch.name, 0);
  }

  private async report(
    { meetingId, attempt, launchId }: BotLaunch,
    report: Omit<Parameters<typeof recordReport>[2], 'atMs'>,
  ): Promise<void> {
    const { db, doorbell, meetingClient } = this.deps;
    await recordReport(db, { meetingId, launchId }, { ...report, atMs: Date.now() });
    doorbell.ring('meeting', meetingId);
    await meetingClient.botReported({ meetingId, attempt });
  }
}
