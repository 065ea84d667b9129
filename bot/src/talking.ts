import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Logger } from 'pino';
import type { BotAssignment, BotCommand, BotCommandAck } from '../../domain/bot-api';
import type { ApiClient } from './api/api-client';
import { describeBrowserError } from './browser-error';
import type { MeetingPlatform } from './platforms/platform';
import type { Spool } from './spool/spool';
import { playVoice, stopVoice } from './voice';

const ENTRY_TRIES = 3;
const ENTRY_RETRY_MS = 2_000;
/** A page that answers late may still switch on what it was asked to. */
const LATE_MS = 3_000;
const SWITCH_OFF_TRIES = 3;
const LEAVING: BotCommandAck = { status: 'failed', detail: 'The bot was leaving the meeting' };
const STOPPED: BotCommandAck = { status: 'failed', detail: 'Speaking was stopped before it began' };
const CUT_OFF: BotCommandAck = {
  status: 'failed',
  detail: 'The bot lost its connection meanwhile: the others may not have got it, or not all of it',
};
const NOT_BEGUN: BotCommandAck = {
  status: 'failed',
  detail: 'The bot could not note that it begins, and so did not',
};

export interface Stage {
  page: Page;
  platform: Pick<MeetingPlatform, 'sendChat' | 'setMicrophone'>;
}

export interface TalkingOptions {
  assignment: Pick<BotAssignment, 'entryMessage'>;
  api: Pick<ApiClient, 'getSpeech' | 'beginCommand'>;
  spool: Spool;
  logger: Logger;
}

interface Task {
  seq: number;
  command: Extract<BotCommand['command'], { kind: 'send_chat' | 'speak' }>;
  settle(ack: BotCommandAck): void;
}

/** What is being carried out, and why no more of it should be. */
interface Deed {
  task: Task;
  page: Page;
  halt: 'stopped' | 'cut_off' | null;
}

/** What the bot writes and says: one thing after the other, while it is in the call. */
export class Talking {
  private readonly tasks: Task[] = [];
  private readonly closing = new AbortController();
  private current: Deed | null = null;
  private stage: Stage | null = null;
  private isBusy = false;
  private hasGreeted = false;
  /** Written by this attempt, as far as is known; told with the heartbeats. */
  hasSentEntryMessage: boolean;
  private mayReturn = false;

  constructor(private readonly options: TalkingOptions) {
    this.hasSentEntryMessage = options.spool.state.hasSentEntryMessage;
  }

  /** Resolves when it was done in the meeting; waits while the bot is not in, or not connected. */
  async obey({ seq, command }: BotCommand): Promise<BotCommandAck> {
    if (command.kind === 'stop_speaking') return this.stopSpeaking(seq);
    const isClosed = this.closing.signal.aborted;
    if (command.kind === 'leave' || (isClosed && !this.mayReturn)) return LEAVING;
    return new Promise((settle) => {
      if (isClosed) return;
      this.tasks.push({ seq, command, settle });
      this.pump();
    });
  }

  /** The call can be talked to from now on, or, with null, nothing is begun for now. */
  setStage(stage: Stage | null): void {
    this.stage = stage;
    this.pump();
  }

  /** The call is cut off: what is under way reaches nobody, and is not done. */
  cutOff(): void {
    this.stage = null;
    const { current } = this;
    if (!current || current.halt) return;
    current.halt = 'cut_off';
    void stopVoice(current.page).catch(() => undefined);
  }

  /**
   * Nothing is said any more. What was to be said has failed, unless another bot may come: then it
   * stays unacknowledged, and is that one's to say. What was begun is not said twice.
   */
  close(mayReturn: boolean): void {
    this.mayReturn = mayReturn;
    this.closing.abort();
    this.stage = null;
    const waiting = this.tasks.splice(0);
    if (!mayReturn) for (const { settle } of waiting) settle(LEAVING);
    this.current?.task.settle(LEAVING);
  }

  private async stopSpeaking(seq: number): Promise<BotCommandAck> {
    const isSpeech = (task: Task) => task.command.kind === 'speak' && task.seq < seq;
    for (const task of this.tasks.filter(isSpeech)) task.settle(STOPPED);
    this.tasks.splice(0, Infinity, ...this.tasks.filter((task) => !isSpeech(task)));
    if (!this.current || !isSpeech(this.current.task)) return { status: 'done' };
    this.current.halt ??= 'stopped';
    return stopVoice(this.current.page).then(
      () => ({ status: 'done' }),
      (error: unknown) => ({ status: 'failed', detail: describeBrowserError(error) }),
    );
  }

  private pump(): void {
    if (this.isBusy || !this.stage) return;
    this.isBusy = true;
    void this.work().finally(() => {
      this.isBusy = false;
      if (this.stage && this.tasks.length > 0) this.pump();
    });
  }

  private async work(): Promise<void> {
    if (this.stage) await this.greet(this.stage);
    for (let task; this.stage && (task = this.tasks.shift());) {
      const deed: Deed = { task, page: this.stage.page, halt: null };
      this.current = deed;
      const ack = await this.carryOut(this.stage, deed);
      task.settle(deed.halt === 'cut_off' ? CUT_OFF : ack);
      this.current = null;
    }
  }

  private async carryOut(stage: Stage, deed: Deed): Promise<BotCommandAck> {
    const { seq, command } = deed.task;
    if (!(await this.begin(seq))) return NOT_BEGUN;
    try {
      if (command.kind === 'speak') return await this.speak(stage, deed, command.speechId);
      await stage.platform.sendChat(stage.page, command.text);
      return { status: 'done' };
    } catch (error) {
      const detail = describeBrowserError(error);
      this.options.logger.warn({ seq, kind: command.kind, detail }, 'command failed');
      return { status: 'failed', detail: `The meeting page did not do it: ${detail}` };
    }
  }

  /** Neither this bot when it is restarted nor a later attempt does again what was begun. */
  private async begin(seq: number): Promise<boolean> {
    const { spool, api, logger } = this.options;
    try {
      await spool.updateState({ commandSeq: seq, commandBegun: seq });
      await api.beginCommand(seq, this.closing.signal);
      return true;
    } catch (error) {
      const cause = error instanceof Error ? error.name : 'unknown';
      logger.warn({ seq, cause }, 'command not begun');
      return false;
    }
  }

  private async speak(stage: Stage, deed: Deed, speechId: string): Promise<BotCommandAck> {
    const { page, platform } = stage;
    const wav = await this.options.api.getSpeech(speechId, this.closing.signal).catch(() => null);
    if (!wav) return { status: 'failed', detail: 'The sound could not be loaded' };
    if (deed.halt) return STOPPED;
    let isOn = false;
    try {
      await platform.setMicrophone(page, true);
      isOn = true;
      if (deed.halt) return STOPPED;
      const outcome = await playVoice(page, wav);
      return outcome === 'played' ? { status: 'done' } : { status: 'done', detail: 'Cut short' };
    } finally {
      await this.switchOff(stage);
      if (!isOn) {
        await this.pause(LATE_MS);
        await this.switchOff(stage);
      }
    }
  }

  /** What was said stays said, whatever becomes of the microphone. */
  private async switchOff({ page, platform }: Stage): Promise<void> {
    for (let tries = 1; tries <= SWITCH_OFF_TRIES; tries += 1) {
      try {
        return await platform.setMicrophone(page, false);
      } catch (error) {
        const detail = describeBrowserError(error);
        this.options.logger.warn({ tries, detail }, 'microphone not switched off');
        if (this.closing.signal.aborted) return;
      }
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }

  /**
   * Declares the bot, once per meeting: the API gives no message to write once a heartbeat has told
   * that it was, and a process that was restarted leaves it too.
   */
  private async greet({ page, platform }: Stage): Promise<void> {
    const { assignment, spool, logger } = this.options;
    const { entryMessage } = assignment;
    if (this.hasGreeted || entryMessage === null) return;
    this.hasGreeted = true;
    if (spool.state.hasSentEntryMessage) return;
    for (let tries = 1; tries <= ENTRY_TRIES && !this.closing.signal.aborted; tries += 1) {
      try {
        await spool.updateState({ hasSentEntryMessage: true });
        await platform.sendChat(page, entryMessage);
        this.hasSentEntryMessage = true;
        return;
      } catch (error) {
        logger.warn({ tries, detail: describeBrowserError(error) }, 'entry message not written');
        await this.pause(ENTRY_RETRY_MS);
      }
    }
  }
}
