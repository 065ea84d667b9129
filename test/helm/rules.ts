import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { stringify } from 'yaml';
import { findStackDir } from '../../temporal-dev/folders';
import { prepareOperators } from '../../temporal-dev/tools/operators';

/** A set of series in the notation of promtool's unit tests, a value a minute, and when to look. */
export interface Situation {
  name: string;
  series: string;
  minutes: number;
}
/** One metric that an expression asks for, with the labels asked of it; the name may be a pattern. */
export interface Selector {
  metric: string;
  isPattern: boolean;
  labels: string[];
}
export interface Answer {
  asked: Record<string, Selector[]>;
  fires: Record<string, { alert: string; labels: Record<string, string> }[]>;
}
export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Reads rules as Prometheus does, and tries them; throws with its words when they are no rules. */
export async function askPrometheus(
  groups: { name: string; rules: Rule[] }[],
  situations: Situation[] = [],
): Promise<Answer> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const { rules: program } = await prepareOperators(tools, say);
  const input = JSON.stringify({ rules: stringify({ groups }), situations });
  const { status, stdout, stderr } = spawnSync(program, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Prometheus refuses the rules:\n${stderr}`);
  return JSON.parse(stdout) as Answer;
}
