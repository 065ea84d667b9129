import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import pino from 'pino';
import type { BotCommand } from '../../domain/bot-api';
import { RefusedError } from './api/api-client';
import { Spool } from './spool/spool';
import { Talking, type Stage } from './talking';

/** A page whose microphone plays until it is told how that ended. */
class FakePage {
  playing: ((outcome: 'played' | 'stopped') => void) | null = null;
  private readonly frame = {
    evaluate: (_run: unknown, given: unknown) => {
      if (typeof given !== 'string') return new Promise((settle) => (this.playing = settle));
      this.playing?.('stopped');
      return Promise.resolve();
    },
  };
  frames = () => [this.frame];
}

let folder: string;
let spool: Spool;
let page: FakePage;
/** What was asked of the API and the meeting's page, in order. */
let asked: string[];
let microphone: (isOn: boolean) => Promise<void>;
let chat: () => Promise<void>;
let begin: () => Promise<void>;
let talking: Talking;
let stage: Stage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talking-'));
  spool = await Spool.open(folder);
  page = new FakePage();
  asked = [];
  microphone = chat = begin = () => Promise.resolve();
  talking = new Talking({
    assignment: { entryMessage: null },
    api: {
      getSpeech: () => Promise.resolve(Buffer.from('RIFF')),
      beginCommand: (seq) => {
        asked.push(`begin ${seq}`);
        return begin();
      },
    },
    spool,
    logger: pino({ level: 'silent' }),
  });
  stage = {
    page: page as unknown as Page,
    platform: {
      sendChat: (_page, text) => {
        asked.push(`write ${text}`);
        return chat();
      },
      setMicrophone: (_page, isOn) => {
        asked.push(isOn ? 'microphone on' : 'microphone off');
        return microphone(isOn);
      },
    },
  };
});
afterEach(async () => {
  talking.close(false);
  await rm(folder, { recursive: true, force: true });
});

const SPEAK: BotCommand = {
  seq: 1,
  command: { kind: 'speak', speechId: '6a2f41a3-c54c-fce8-32d2-0324e1c32e22' },
};
const write = (seq: number): BotCommand => ({
  seq,
  command: { kind: 'send_chat', text: `line ${seq}` },
});

async function until(holds: () => boolean): Promise<void> {
  const tooLong = AbortSignal.timeout(5_000);
  while (!holds()) {
    tooLong.throwIfAborted();
    await turn();
  }
}

describe('what the call is cut off from', () => {
  test('a speech that is being played ends at once and has failed', async () => {
    talking.setStage(stage);
    const ack = talking.obey(SPEAK);
    await until(() => page.playing !== null);
    talking.cutOff();
    expect(await ack).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('lost its connection') as unknown,
    });
    expect(asked.at(-1)).toBe('microphone off');
  });

  test('a message that the page took meanwhile has failed', async () => {
    let take = () => undefined as void;
    chat = () => new Promise((settle) => (take = settle));
    talking.setStage(stage);
    const ack = talking.obey(write(1));
    await until(() => asked.includes('write line 1'));
    talking.cutOff();
    take();
    expect(await ack).toMatchObject({ status: 'failed' });
  });

  test('what had not begun waits for the call, and is done then', async () => {
    talking.setStage(stage);
    const spoken = talking.obey(SPEAK);
    const written = talking.obey(write(2));
    await until(() => page.playing !== null);
    talking.cutOff();
    expect(await spoken).toMatchObject({ status: 'failed' });
    expect(asked).not.toContain('begin 2');
    talking.setStage(stage);
    expect(await written).toEqual({ status: 'done' });
  });
});

describe('the beginning of a command', () => {
  test('is told to the API before anything is said or written', async () => {
    talking.setStage(stage);
    expect(await talking.obey(write(1))).toEqual({ status: 'done' });
    expect(asked).toEqual(['begin 1', 'write line 1']);
    expect(spool.state).toMatchObject({ commandSeq: 1, commandBegun: 1 });
  });

  test('that the API does not take leaves it undone, and says so', async () => {
    begin = () => Promise.reject(new RefusedError(409, 'superseded'));
    talking.setStage(stage);
    expect(await talking.obey(write(1))).toMatchObject({ status: 'failed' });
    expect(asked).toEqual(['begin 1']);
  });
});

describe('the microphone', () => {
  test('is switched off again, also later, where the page did not say in time that it is on', async () => {
    microphone = (isOn) => (isOn ? Promise.reject(new Error('Timeout')) : Promise.resolve());
    talking.setStage(stage);
    expect(await talking.obey(SPEAK)).toMatchObject({ status: 'failed' });
    const off = 'microphone off';
    expect(asked).toEqual(['begin 1', 'microphone on', off, off]);
  });

  test('that is not switched off at once is tried again, and what was said stays said', async () => {
    let tries = 0;
    microphone = (isOn) => {
      if (isOn) return Promise.resolve();
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('Timeout')) : Promise.resolve();
    };
    talking.setStage(stage);
    const ack = talking.obey(SPEAK);
    await until(() => page.playing !== null);
    page.playing?.('played');
    expect(await ack).toEqual({ status: 'done' });
    expect(tries).toBe(2);
  });
});
