import type { BotLaunch, BotLauncher, BotSighting } from '../infra/bot-launcher';

/** A launcher in memory; the test says what becomes of its bots. */
export class FakeLauncher implements BotLauncher {
  readonly bots = new Map<string, BotSighting>();
  readonly launches: BotLaunch[] = [];
  readonly stopped: string[] = [];
  readonly delivered: string[] = [];
  /** Thrown by the next launches. */
  refusal: Error | null = null;

  async launch(launch: BotLaunch): Promise<void> {
    await Promise.resolve();
    if (this.refusal) throw this.refusal;
    this.launches.push(launch);
    this.bots.set(launch.name, { state: 'running', launchId: launch.launchId });
  }

  async inspect(name: string): Promise<BotSighting> {
    return Promise.resolve(this.bots.get(name) ?? { state: 'absent' });
  }

  async stop(name: string): Promise<void> {
    await Promise.resolve();
    this.stopped.push(name);
    if (this.bots.has(name)) this.exit(name, 0);
  }

  async deliver({ name }: { name: string }): Promise<void> {
    await Promise.resolve();
    this.delivered.push(name);
  }

  async list(): Promise<string[]> {
    return Promise.resolve([...this.bots.keys()]);
  }

  async forget(name: string): Promise<void> {
    await this.erase(name);
  }

  async erase(name: string): Promise<void> {
    await Promise.resolve();
    this.bots.delete(name);
  }

  run(name: string): void {
    this.bots.set(name, { state: 'running', launchId: 'any' });
  }

  exit(name: string, exitCode: number | null): void {
    this.bots.set(name, { state: 'ended', launchId: 'any', exitCode, detail: '' });
  }
}
