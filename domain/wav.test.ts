import { makeWav } from '../test/wav-file';
import { inspectWav } from './wav';

describe('inspectWav', () => {
  test('measures a file of the agreed kind', () => {
    expect(inspectWav(makeWav(1_234))).toEqual({ ok: true, durationMs: 1_234 });
  });

  test('passes over parts it does not know', () => {
    const wav = makeWav(500);
    const extra = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
    const withList = Buffer.concat([wav.subarray(0, 36), extra, wav.subarray(36)]);
    expect(inspectWav(withList)).toEqual({ ok: true, durationMs: 500 });
  });

  test('reads a view into a larger buffer', () => {
    const wav = makeWav(100);
    const larger = Buffer.concat([Buffer.alloc(7), wav]);
    expect(inspectWav(larger.subarray(7))).toEqual({ ok: true, durationMs: 100 });
  });

  test.each([
    ['empty bytes', Buffer.alloc(0), /without its header/],
    ['an MP3', Buffer.from('ID3\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00'), /without its header/],
    ['no part with audio', makeWav(100).subarray(0, 36), /none/],
    ['a length that is a lie', lie(makeWav(100), 40, 1_000_000), /cut off/],
    ['a format that is cut short', lie(makeWav(100), 16, 8), /complete WAV format/],
    ['two channels', poke(makeWav(100), 22, 2), /2 channels/],
    ['floating point', poke(makeWav(100), 20, 3), /format 3/],
    ['eight bits', poke(makeWav(100), 34, 8), /8 bits/],
    ['half a sample', lie(makeWav(100), 40, 7), /whole 16-bit samples/],
  ])('refuses %s and says why', (_what, bytes, problem) => {
    expect(inspectWav(bytes)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });
});

function lie(wav: Buffer, offset: number, size: number): Buffer {
  wav.writeUInt32LE(size, offset);
  return wav;
}

function poke(wav: Buffer, offset: number, value: number): Buffer {
  wav.writeUInt16LE(value, offset);
  return wav;
}
