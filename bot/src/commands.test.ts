import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { BotCommand, BotCommandAck } from '../../domain/bot-api';
import { CommandLoop } from './commands';
import { Spool } from './spool/spool';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'commands-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a process that was restarted does not do again what the one before had begun', async () => {
  const before = await Spool.open(folder);
  await before.updateState({ commandSeq: 1, commandBegun: 1 });
  const spool = await Spool.open(folder);
  const running = new AbortController();
  const acknowledged: [number, BotCommandAck][] = [];
  const obeyed: number[] = [];
  const commands = [1, 2].map((seq): BotCommand => ({
    seq,
    command: { kind: 'send_chat', text: `line ${seq}` },
  }));
  const loop = new CommandLoop({
    api: {
      getCommands: async (after) => {
        const left = commands.filter(({ seq }) => seq > after);
        if (left.length === 0) running.abort();
        return Promise.resolve({ commands: left });
      },
      acknowledgeCommand: async (seq, ack) => Promise.resolve(acknowledged.push([seq, ack])),
    },
    spool,
    obey: ({ seq }) => {
      obeyed.push(seq);
      return Promise.resolve({ status: 'done' });
    },
    onSuperseded: () => undefined,
    signal: running.signal,
    logger: pino({ level: 'silent' }),
  });
  await loop.run();
  await loop.idle();
  expect(obeyed).toEqual([2]);
  expect(acknowledged).toEqual([
    [1, { status: 'failed', detail: 'The bot was restarted in the middle of it' }],
    [2, { status: 'done' }],
  ]);
  expect((await Spool.open(folder)).state.commandBegun).toBeNull();
});
