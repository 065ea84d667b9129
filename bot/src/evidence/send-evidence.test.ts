import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { EvidenceName } from '../../../domain/bot-api';
import { RefusedError, SupersededError } from '../api/api-client';
import type { Piece } from './collect-evidence';
import { deliverEvidence, keepEvidence, sendEvidence } from './send-evidence';

const PIECES: Piece[] = [
  { name: 'screenshot.png', content: Buffer.from('picture') },
  { name: 'seen.json', content: Buffer.from('{}') },
];

let spoolDir: string;
let sent: [EvidenceName, string][];
let refusals: Partial<Record<EvidenceName, Error>>;
beforeEach(async () => {
  spoolDir = await mkdtemp(join(tmpdir(), 'evidence-'));
  sent = [];
  refusals = {};
});
afterEach(() => rm(spoolDir, { recursive: true, force: true }));

const makeOptions = () => ({
  spoolDir,
  logger: pino({ level: 'silent' }),
  api: {
    putEvidence: async (name: EvidenceName, content: Uint8Array) => {
      const refusal = refusals[name];
      if (refusal) throw refusal;
      return Promise.resolve(sent.push([name, Buffer.from(content).toString()]));
    },
  },
});
const listKept = () => readdir(join(spoolDir, 'evidence'));

describe('evidence', () => {
  test('stays on the disk until the API has it', async () => {
    await keepEvidence(PIECES, makeOptions());
    expect((await listKept()).sort()).toEqual(['screenshot.png', 'seen.json']);
    refusals['seen.json'] = new SupersededError('unauthorized');
    expect(await sendEvidence(PIECES, makeOptions())).toBe(false);
    expect(sent).toEqual([['screenshot.png', 'picture']]);
    expect(await listKept()).toEqual(['seen.json']);
  });

  test('that a dead bot left is sent for it, once', async () => {
    await keepEvidence(PIECES, makeOptions());
    expect(await deliverEvidence(makeOptions())).toBe(true);
    expect(await deliverEvidence(makeOptions())).toBe(true);
    expect(sent.sort()).toEqual([
      ['screenshot.png', 'picture'],
      ['seen.json', '{}'],
    ]);
  });

  test('that the API refuses for good is not kept', async () => {
    await keepEvidence(PIECES, makeOptions());
    refusals['screenshot.png'] = new RefusedError(413, 'payload_too_large');
    expect(await sendEvidence(PIECES, makeOptions())).toBe(true);
    expect(await listKept()).toEqual([]);
  });

  test('is sent also where the disk takes none of it', async () => {
    const options = { ...makeOptions(), spoolDir: '/dev/null' };
    await keepEvidence(PIECES, options);
    expect(await sendEvidence(PIECES, options)).toBe(true);
    expect(sent).toHaveLength(2);
  });
});
