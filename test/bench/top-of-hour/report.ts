import { describeMachine, formatTable } from '../docs-section';
import type { Figures } from './figures';
import { PLANNING, STAYS_MS, type HourSize } from './settings';

/** The section of docs/benchmarks.md. */
export function formatReport(
  { meetings, users, limitedTo, slots }: HourSize,
  { byUser, byCluster }: { byUser: Figures; byCluster: Figures },
): string {
  return [
    '## At the top of the hour',
    '',
    `\`npm run bench -- top-of-hour\` on ${describeMachine()}. ${meetings} meetings of ${users} users are planned for the same second; no bot is a process, everything else is as it is, on one machine with Temporal's development server. Bots are asked for ${PLANNING.leadMs / 1_000} s before the start, spread over the first half of that.`,
    '',
    `**A user's limit.** One of the users has ${meetings / users} of the meetings and may have ${limitedTo} bots at the same time. No bot ends.`,
    '',
    ...formatCounts(byUser),
    '',
    ...formatTimes(byUser),
    '',
    `**The cluster's limit.** \`BOT_SLOTS=${slots}\`: the others wait in line, users in turn. Each bot reports after ${STAYS_MS / 1_000} s that its meeting is over, so how late the last one comes is a matter of how long bots stay; how soon a slot is handed on is a matter of the line.`,
    '',
    ...formatCounts(byCluster),
    '',
    ...formatTimes(byCluster),
  ].join('\n');
}

function formatCounts(figures: Figures): string[] {
  return formatTable(
    [
      'launched',
      'refused by the user’s limit',
      'forgotten',
      'twice',
      'at the same time at the most',
      'in the busiest second',
    ],
    [
      [
        figures.launched,
        figures.refused,
        figures.forgotten,
        figures.twice,
        figures.mostAtOnce,
        figures.busiestSecond,
      ],
    ],
  );
}

function formatTimes({ startMs, behindMs, handOverMs }: Figures): string[] {
  const rows: [string, Figures['startMs'] | null][] = [
    ['planned start', startMs],
    ['its own moment', handOverMs === null ? behindMs : null],
    ['the end of the bot whose slot it has', handOverMs],
  ];
  return formatTable(
    ['from … to launchBot', 'p50', 'p99', 'last'],
    rows.flatMap(([from, times]) =>
      times === null
        ? []
        : [
            [
              from,
              ...[times.p50, times.p99, times.most].map((ms) => `${(ms / 1_000).toFixed(1)} s`),
            ],
          ],
    ),
  );
}
