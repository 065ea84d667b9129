import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OPERATIONS } from '../api/operations/all';
import { meetingEventBodySchema } from '../domain/events';
import { TASK_QUEUES } from '../domain/temporal';
import { WORKFLOW_TYPES } from '../domain/workflow-messages';
import { clientFrameSchema, serverFrameSchema, WS_CLOSE } from '../domain/ws';
import { ROOT } from '../temporal-dev/folders';

const read = (name: string): string => readFileSync(path.join(ROOT, 'docs', name), 'utf8');

describe('docs/live.md', () => {
  const page = read('live.md');

  test.each(Object.values(WS_CLOSE))('says what $code means: $reason', ({ code }) => {
    expect(page).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
  });

  const frames = [...clientFrameSchema.options, ...serverFrameSchema.options];
  test.each(frames.map(({ shape }) => shape.type.value))('has the frame %s', (type) => {
    expect(page).toContain(`{"type": "${type}"`);
  });

  const events = meetingEventBodySchema.options.map(({ shape }) => shape.type.value);
  test.each(events)('has the event %s', (type) => {
    expect(page).toContain(`\`${type}\``);
  });
});

test('docs/old-routes.md names only routes that exist', () => {
  const named = [...read('old-routes.md').matchAll(/`(GET|POST|PATCH|DELETE) (\/[^`?]+)/g)];
  const routes = named.map(([, method = '', route = '']) => `${method.toLowerCase()} ${route}`);
  expect(routes.length).toBeGreaterThan(10);
  expect(routes.filter((route) => !(route in OPERATIONS))).toEqual([]);
});

describe('docs/design.md', () => {
  const page = read('design.md');

  test.each(Object.values(WORKFLOW_TYPES))('says what %s carries', (type) => {
    expect(page).toContain(`\`${type}\``);
  });

  test.each(Object.values(TASK_QUEUES))('has the queue %s', (queue) => {
    expect(page).toContain(`\`${queue}\``);
  });
});

describe('links to files', () => {
  const pages = [
    'README.md',
    ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`),
  ];

  test.each(pages.filter((name) => name.endsWith('.md')))('of %s lead somewhere', (name) => {
    const file = path.join(ROOT, name);
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^\w+:/.test(link));
    const lost = links.filter((link) => !existsSync(path.join(path.dirname(file), link)));
    expect(lost).toEqual([]);
  });
});
