import { z } from 'zod';
import { startPracticeRoom } from './practice-room';

const settingsSchema = z.object({
  /** The address it listens on, by which its pages are opened. */
  PRACTICE_ROOM_HOST: z.string().min(1).default('127.0.0.1'),
  PRACTICE_ROOM_PORT: z.coerce.number().int().min(1).max(65535).default(8004),
  PRACTICE_ROOM_FORGET_SECONDS: z.coerce.number().int().min(1).default(600),
});

async function main(): Promise<void> {
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const settings = settingsSchema.parse(Object.fromEntries(given));
  const room = await startPracticeRoom({
    host: settings.PRACTICE_ROOM_HOST,
    port: settings.PRACTICE_ROOM_PORT,
    forgetAfterMs: settings.PRACTICE_ROOM_FORGET_SECONDS * 1000,
    absenceMs: 6_000,
  });
  console.log(`practice room ready at ${room.url}`);
  const stop = () => void room.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const text = isTaken
    ? 'The port of the practice room is taken; choose another with PRACTICE_ROOM_PORT.'
    : String(error);
  console.error(text);
  process.exit(1);
});
