import { MockActivityEnvironment } from '@temporalio/testing';
import { createUploadActivities } from '../activities/uploads';
import { createDiskAudioStore } from '../infra/audio-store-disk';
import { createDatabase } from '../infra/database/client';

/** Decodes one meeting's file as a worker does, until it is done or killed. */
async function main(): Promise<void> {
  const [url = '', folder = '', meetingId, ffmpeg = ''] = process.argv.slice(2);
  const activities = createUploadActivities({
    db: createDatabase({ url, maxConnections: 4 }),
    audioStore: createDiskAudioStore(folder),
    doorbell: { ring: () => undefined },
    ffmpeg,
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  await new MockActivityEnvironment().run(activities.decodeUpload, {
    meetingId: Number(meetingId),
  });
}

void main();
