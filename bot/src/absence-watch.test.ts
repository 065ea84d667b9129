import { AbsenceWatch, type AbsenceCause } from './absence-watch';

/** What is told over a course of half seconds. */
function watch(course: [AbsenceCause | null, number][]) {
  const absences = new AbsenceWatch();
  const looks = course.flatMap(([cause, halves]) => Array.from({ length: halves }, () => cause));
  return [...looks, null].flatMap((cause, index) => absences.note(cause, index * 500) ?? []);
}

describe('a bot that had been in the call', () => {
  test('was absent from the first sign of it until it is back', () => {
    expect(
      watch([
        [null, 4],
        ['connection_lost', 12],
        [null, 3],
      ]),
    ).toEqual([{ reason: 'connection_lost', startAtMs: 2_000, endAtMs: 8_000 }]);
  });

  test('was absent twice for two causes in a row', () => {
    expect(
      watch([
        ['connection_lost', 4],
        ['waiting_room', 6],
      ]),
    ).toEqual([
      { reason: 'connection_lost', startAtMs: 0, endAtMs: 2_000 },
      { reason: 'waiting_room', startAtMs: 2_000, endAtMs: 5_000 },
    ]);
  });

  test('was not absent for a sign that flickers', () => {
    expect(
      watch([
        [null, 4],
        ['connection_lost', 1],
        [null, 3],
      ]),
    ).toEqual([]);
  });
});
