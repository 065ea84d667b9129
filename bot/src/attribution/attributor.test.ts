import type { SourceBinding } from '../../../domain/bot-api';
import { Attributor } from './attributor';

const START_MS = 1_000_000;

function makeAttributor({ isMixed }: { isMixed: boolean }) {
  const learned: SourceBinding[] = [];
  const attributor = new Attributor((bindings) => learned.push(...bindings));
  attributor.isMixed = isMixed;
  const attribute = (participant: string | null, track = 'a-1') =>
    attributor.attribute({ track, participant, startAtMs: START_MS, endAtMs: START_MS + 4_000 });
  return { attributor, learned, attribute };
}

describe('sound of one person', () => {
  test('is that person’s, without spans', () => {
    const { attribute } = makeAttributor({ isMixed: false });
    expect(attribute('maya')).toEqual({ participant: 'maya' });
  });

  test('whose name is not known yet is named after its track, and bound once it is', () => {
    const { attributor, learned, attribute } = makeAttributor({ isMixed: false });
    expect(attribute(null)).toEqual({
      participant: null,
      spans: [{ source: 'track-a-1', startMs: 0, endMs: 4_000 }],
    });
    attributor.learnOwner('a-1', 'maya');
    attributor.learnOwner('a-1', 'maya');
    attributor.learnOwner('a-2', 'jonas');
    expect(learned).toEqual([{ source: 'track-a-1', participantKey: 'maya' }]);
  });
});

describe('mixed sound', () => {
  test('is split by contributing sources where the track has them', () => {
    const { attributor, attribute } = makeAttributor({ isMixed: true });
    attributor.noteSpeaking(['maya'], START_MS);
    attributor.noteSources('a-1', [71], START_MS + 50);
    attributor.noteSources('a-1', [71, 72], START_MS + 2_050);
    attributor.noteSources('a-1', [72], START_MS + 3_400);
    expect(attribute(null)).toEqual({
      participant: null,
      spans: [
        { source: 'csrc-71', startMs: 0, endMs: 3_000 },
        { source: 'csrc-72', startMs: 2_000, endMs: 4_000 },
      ],
    });
  });

  test('is split by whom the page shows where the track has no contributing sources', () => {
    const { attributor, attribute } = makeAttributor({ isMixed: true });
    attributor.setOwnKeys(['notes']);
    attributor.noteSpeaking(['maya', 'notes'], START_MS + 250);
    attributor.noteSpeaking(['jonas'], START_MS + 1_250);
    expect(attribute(null).spans).toEqual([
      { source: 'maya', startMs: 0, endMs: 1_000 },
      { source: 'jonas', startMs: 1_000, endMs: 4_000 },
    ]);
  });

  test('is nobody’s where nothing shows who speaks', () => {
    const { attribute } = makeAttributor({ isMixed: true });
    expect(attribute(null)).toEqual({ participant: null });
  });

  test('teaches who a contributing source is, and is not misled by the bot’s own sign', () => {
    const { attributor, learned } = makeAttributor({ isMixed: true });
    attributor.setOwnKeys(['notes']);
    attributor.noteSources('a-1', [71], START_MS);
    attributor.noteSpeaking(['maya', 'notes'], START_MS);
    attributor.learn(START_MS + 3_000);
    attributor.noteSpeaking(['notes'], START_MS + 3_000);
    attributor.noteSources('a-1', [], START_MS + 3_000);
    attributor.learn(START_MS + 3_500);
    expect(learned).toEqual([{ source: 'csrc-71', participantKey: 'maya' }]);
  });

  test('goes by another key from when its source is somebody else’s', () => {
    const { attributor, learned, attribute } = makeAttributor({ isMixed: true });
    const turn = (atMs: number, source: number | null, person: string | null) => {
      attributor.noteSources('a-1', source === null ? [] : [source], atMs);
      attributor.noteSpeaking(person === null ? [] : [person], atMs);
    };
    turn(START_MS - 4_000, 71, 'maya');
    turn(START_MS - 1_000, null, null);
    turn(START_MS + 1_050, 71, 'jonas');
    attributor.learn(START_MS + 5_000);
    expect(learned).toEqual([{ source: 'csrc-71', participantKey: 'maya' }]);
    expect(attribute(null).spans).toEqual([{ source: 'csrc-71-2', startMs: 1_000, endMs: 4_000 }]);
  });

  test('fits into its header however often the speakers change', () => {
    const { attributor, attribute } = makeAttributor({ isMixed: true });
    for (let at = 0; at < 4_000; at += 100) {
      attributor.noteSpeaking([`${at}-${'long'.repeat(99)}`], START_MS + at);
    }
    const text = encodeURIComponent(JSON.stringify(attribute(null).spans));
    expect(text.length).toBeLessThanOrEqual(12_000);
    expect(text.length).toBeGreaterThan(10_000);
  });
});
