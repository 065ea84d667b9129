import { formatTable } from './docs-section';
import type { PipelineResult } from './pipeline-load';

export interface Report {
  results: PipelineResult[];
  /** Most meetings that stayed under the target. */
  limit: number;
  machine: string;
}

/** The measured figures as Markdown. */
export function formatReport({ results, limit, machine }: Report): string {
  return [
    '## Pipeline',
    '',
    `\`npm run bench -- pipeline\` on ${machine}. Everything runs on the one machine, load generator and database included. Each meeting sends a 5 s chunk of audio every 5 s for 60 s after one that counts for nothing; each has a follower with a WebSocket of its own. The Whisper endpoint answers at once with a canned segment: this measures the platform, not the model. Times are from the chunk's acknowledgement to its segment at the follower.`,
    '',
    ...formatTable(
      [
        'meetings',
        'chunks',
        'p50',
        'p95',
        'p99',
        'greatest backlog',
        'lost',
        'repeated',
        'refused',
      ],
      results.map((each) => [
        each.meetings,
        each.chunks,
        ms(each.p50Ms),
        ms(each.p95Ms),
        ms(each.p99Ms),
        each.greatestBacklog,
        each.lost,
        each.repeated,
        each.refused,
      ]),
    ),
    '',
    'CPU milliseconds per chunk, and memory at the end:',
    '',
    ...formatUsage(results),
    '',
    `Under 1 s at p99, with nothing lost, repeated or refused: up to **${limit}** meetings.`,
    '',
    describeNextLimit(results, limit),
  ].join('\n');
}

/** Chunks per second that one meeting brings. */
const CHUNKS_PER_SECOND = 1 / 5;

/** What keeps more meetings from fitting, as far as the CPU's share tells. */
function describeNextLimit(results: PipelineResult[], limit: number): string {
  const nearest = results.filter((each) => each.meetings <= limit).at(-1);
  if (!nearest) return 'No run stayed under the target, so the next limit is not known.';
  const shares = Object.entries(nearest.usage).sort(
    ([, one], [, other]) => other.cpuMsPerChunk - one.cpuMsPerChunk,
  );
  const perChunk = shares.reduce((sum, [, used]) => sum + used.cpuMsPerChunk, 0);
  const cores = (perChunk / 1000) * nearest.meetings * CHUNKS_PER_SECOND;
  const largest = shares.slice(0, 3).map(([part, used]) => {
    return `${part} (${Math.round((used.cpuMsPerChunk / perChunk) * 100)} %)`;
  });
  return `At ${nearest.meetings} meetings everything together keeps ${cores.toFixed(1)} cores busy, ${largest.join(', ')} most. The next limit is the CPU of this one machine, in that order.`;
}

function formatUsage(results: PipelineResult[]): string[] {
  const parts = Object.keys(results[0]?.usage ?? {});
  return formatTable(
    ['part', ...results.map((each) => `${each.meetings} meetings`)],
    parts.map((part) => [
      part,
      ...results.map((each) => {
        const used = each.usage[part];
        if (!used) return 'none';
        return `${used.cpuMsPerChunk.toFixed(1)} ms, ${Math.round(used.memoryBytes / 1024 ** 2)} MiB`;
      }),
    ]),
  );
}

const ms = (value: number): string => `${Math.round(value)} ms`;
