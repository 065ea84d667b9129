import { chromium } from 'playwright-core';
import { createDiskAudioStore } from '../../../infra/audio-store-disk';
import type { Database } from '../../../infra/database/client';
import { TEST_BROWSER_ARGUMENTS } from '../../browser-arguments';

const STYLE = `
  body { margin: 0; height: 100vh; display: grid; place-content: center; gap: 18px; justify-items: center;
    background: #1f2126; color: #f2f3f5; font: 20px/1.5 sans-serif; text-align: center; }
  h1 { margin: 0; font-size: 30px; font-weight: 600; }
  p { margin: 0; color: #a9adb8; }
  span { padding: 10px 26px; border-radius: 8px; background: #33363e; font-size: 17px; }`;

const makePage = (title: string, text: string): string =>
  `<style>${STYLE}</style><h1>${title}</h1><p>${text}</p><span>Leave</span>`;

const PAGES = {
  waiting: makePage('Call with Northwind', 'Please wait, the meeting host will let you in soon'),
  lost: makePage('Product weekly', 'You lost your network connection'),
};

/** What bots' browsers showed when they were told to leave, or fell silent. */
export async function drawSights(
  chromiumPath: string,
): Promise<Record<keyof typeof PAGES, Buffer>> {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [...TEST_BROWSER_ARGUMENTS],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    const draw = async (html: string): Promise<Buffer> => {
      await page.setContent(html);
      return page.screenshot();
    };
    return { waiting: await draw(PAGES.waiting), lost: await draw(PAGES.lost) };
  } finally {
    await browser.close();
  }
}

export interface EvidenceFiles {
  /** Where they are kept. */
  audioDir: string;
  picture: Buffer;
}

/** Keeps a picture and the page as what an attempt left. */
export async function insertEvidence(
  db: Database,
  attemptId: number,
  { audioDir, picture }: EvidenceFiles,
): Promise<void> {
  const store = createDiskAudioStore(audioDir);
  const pieces = [
    ['screenshot.png', 'image/png', picture],
    ['page.html', 'text/html', Buffer.from('<!doctype html>')],
  ] as const;
  for (const [name, contentType, bytes] of pieces) {
    const objectKey = `evidence/${attemptId}/${name}`;
    await store.put(objectKey, bytes);
    await db.prisma.attemptEvidence.create({
      data: { attemptId, name, contentType, sizeBytes: bytes.length, objectKey },
    });
  }
}
