import { createMeetingsClient, type Schemas } from 'meetings-client';
import { UnreachableProblem } from '@/api/problems';
import type { SendListeners } from './send-file';
import { UploadQueue } from './upload-queue';

type Status = Schemas['UploadStatus'];

/** An API with room for some files, and what was sent to it. */
class Stage {
  /** What became of each meeting, by its number. */
  readonly meetings = new Map<number, Status>();
  readonly looks: number[] = [];
  /** Files whose bytes are on their way, by their meeting's address. */
  readonly sendings = new Map<string, SendListeners>();
  /** Stands before the API; an answer of its own, or none. */
  before = async (_request: Request): Promise<Response | null> => null;
  readonly queue: UploadQueue;
  private readonly made = new Map<string, number>();

  private readonly room: number;

  constructor({ room = 20, userId = 1 } = {}) {
    this.room = room;
    const client = createMeetingsClient({
      baseUrl: 'http://api.test',
      token: 'token',
      fetch: async (request) => (await this.before(request)) ?? this.answer(request),
    });
    this.queue = new UploadQueue({
      api: { client },
      userId,
      send: (_file, url, listeners) => {
        this.sendings.set(url, listeners);
        return { abort: async () => void this.sendings.delete(url) };
      },
    });
  }

  get phases(): string[] {
    return this.queue.read().map(({ phase }) => phase);
  }

  add(...names: string[]): void {
    this.queue.add(names.map((name) => new File(['sound'], name, { lastModified: 1 })));
  }

  keyOf(name: string): string {
    const item = this.queue.read().find((each) => each.name === name);
    if (!item) throw new Error(`Expected ${name} in the queue`);
    return item.key;
  }

  /** The bytes of everything that is on its way have come. */
  receive(): void {
    for (const [url, listeners] of this.sendings) {
      this.sendings.delete(url);
      this.meetings.set(Number(url.split('/')[3]), 'decoding');
      listeners.onSent();
    }
  }

  finish(): void {
    for (const [id, status] of this.meetings) {
      if (status === 'decoding') this.meetings.set(id, 'completed');
    }
  }

  answer(request: Request): Response {
    if (request.method === 'POST') return this.make(request);
    const id = Number(new URL(request.url).pathname.split('/')[3]);
    const status = this.meetings.get(id);
    if (status === undefined) return refuse(404, 'meeting_not_found');
    if (request.method === 'DELETE') this.meetings.set(id, 'cancelled');
    else this.looks.push(id);
    return Response.json(this.view(id));
  }

  private make(request: Request): Response {
    const key = request.headers.get('idempotency-key') ?? '';
    const open = [...this.meetings.values()].filter((status) =>
      ['receiving', 'decoding', 'transcribing'].includes(status),
    );
    const known = this.made.get(key);
    if (known === undefined && open.length >= this.room) return refuse(409, 'too_many_uploads');
    const id = known ?? this.meetings.size + 1;
    this.made.set(key, id);
    if (known === undefined) this.meetings.set(id, 'receiving');
    return Response.json({ meeting: { id }, upload: this.view(id) }, { status: 201 });
  }

  private view(id: number) {
    const url = `/api/meetings/${id}/upload`;
    return { meetingId: id, status: this.meetings.get(id), percent: 0, problem: null, url };
  }
}

function refuse(status: number, code: string): Response {
  return Response.json({ error: { code, message: code } }, { status });
}

const turn = (ms = 0): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  };
  Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true });
});
afterEach(() => {
  jest.useRealTimers();
  Reflect.deleteProperty(globalThis, 'localStorage');
});

test('of many files sends two at a time, and all in the end', async () => {
  const stage = new Stage();
  stage.add('1', '2', '3', '4', '5');
  let most = 0;
  for (let round = 0; round < 3; round += 1) {
    await turn();
    most = Math.max(most, stage.sendings.size);
    stage.receive();
  }
  stage.finish();
  await turn(10_000);
  expect(most).toBe(2);
  expect(stage.phases).toEqual(Array(5).fill('completed'));
  expect(stage.meetings.size).toBe(5);
});

test('lets a file wait for which there is no room, until another one is over', async () => {
  const stage = new Stage({ room: 1 });
  stage.add('first', 'second', 'third');
  await turn();
  expect(stage.phases).toEqual(['sending', 'waiting', 'waiting']);
  for (let round = 0; round < 3; round += 1) {
    stage.receive();
    stage.finish();
    await turn(2_000);
  }
  expect(stage.phases).toEqual(['completed', 'completed', 'completed']);
});

test('asks again for room that somebody else took', async () => {
  const stage = new Stage({ room: 1 });
  stage.meetings.set(99, 'receiving');
  stage.add('only');
  await turn();
  expect(stage.phases).toEqual(['waiting']);
  stage.meetings.delete(99);
  await turn(10_000);
  expect(stage.phases).toEqual(['sending']);
});

describe('a file that is cancelled while its meeting is being made', () => {
  test('has it taken back', async () => {
    const stage = new Stage();
    let goOn = (): void => undefined;
    stage.before = () => new Promise((resolve) => (goOn = () => resolve(null)));
    stage.add('regretted');
    await turn();
    await stage.queue.cancel(stage.keyOf('regretted'));
    stage.before = async () => null;
    goOn();
    await turn();
    expect(stage.phases).toEqual(['cancelled']);
    expect([...stage.meetings.values()]).toEqual(['cancelled']);
    expect(stage.sendings.size).toBe(0);
    expect(stage.queue.isFragile()).toBe(false);
  });

  test('has it taken back also when the answer was lost on the way, and it left the list', async () => {
    const stage = new Stage();
    const lose = async (request: Request): Promise<Response | null> => {
      stage.before = async () => {
        throw new UnreachableProblem();
      };
      // the API has made it, and nobody hears of it
      stage.answer(request);
      throw new UnreachableProblem();
    };
    stage.before = lose;
    stage.add('lost');
    await turn();
    expect(stage.phases).toEqual(['paused']);
    const key = stage.keyOf('lost');
    await stage.queue.cancel(key);
    stage.queue.remove(key);
    await turn(5_000);
    expect([...stage.meetings.values()]).toEqual(['receiving']);
    stage.before = async () => null;
    await turn(5_000);
    expect([...stage.meetings.values()]).toEqual(['cancelled']);
  });

  test('gives its place to the next one at once', async () => {
    const stage = new Stage();
    stage.before = () => new Promise(() => undefined);
    stage.add('1', '2', '3');
    await turn();
    await stage.queue.cancel(stage.keyOf('1'));
    expect(stage.phases).toEqual(['cancelled', 'sending', 'sending']);
  });
});

test.each([
  ['is busy', async () => refuse(503, 'unavailable'), 'busy'],
  ['has had too many requests', async () => refuse(429, 'rate_limited'), 'busy'],
  ['cannot be reached', () => Promise.reject(new UnreachableProblem()), 'paused'],
])('goes on by itself when the API %s', async (_case, before, phase) => {
  const stage = new Stage();
  stage.before = before;
  stage.add('1', '2', '3');
  await turn();
  expect(stage.phases).toEqual([phase, phase, 'waiting']);
  stage.before = async () => null;
  await turn(2_000);
  expect(stage.phases).toEqual(['sending', 'sending', 'waiting']);
});

test('tries a file that failed once more, as another meeting', async () => {
  const stage = new Stage();
  stage.add('talk.mp3');
  await turn();
  stage.receive();
  stage.meetings.set(1, 'failed');
  await turn(1_000);
  expect(stage.phases).toEqual(['failed']);
  stage.queue.retry(stage.keyOf('talk.mp3'));
  await turn();
  expect(stage.queue.read()[0]).toMatchObject({ phase: 'sending', meetingId: 2 });
});

test('gives up a file whose meeting was deleted', async () => {
  const stage = new Stage();
  stage.add('deleted');
  await turn();
  stage.receive();
  stage.meetings.delete(1);
  await turn(1_000);
  expect(stage.phases).toEqual(['failed']);
});

test('asks once a second what became of the files, however many they are', async () => {
  const stage = new Stage();
  stage.add('1', '2', '3', '4', '5', '6');
  for (let round = 0; round < 3; round += 1) {
    await turn();
    stage.receive();
  }
  stage.looks.splice(0);
  await turn(12_000);
  expect(stage.looks.length).toBeLessThanOrEqual(12);
  expect(new Set(stage.looks).size).toBe(6);
});

test('goes on with a file that was dropped before, but only with one of the same user', async () => {
  const stage = new Stage();
  stage.add('talk.mp3');
  await turn();
  stage.queue.dispose();
  const again = new Stage();
  const stranger = new Stage({ userId: 2 });
  for (const each of [again, stranger]) {
    each.meetings.set(1, 'receiving');
    each.add('talk.mp3');
  }
  await turn();
  expect(again.queue.read()[0]?.meetingId).toBe(1);
  expect(stranger.queue.read()[0]?.meetingId).toBe(2);
});
