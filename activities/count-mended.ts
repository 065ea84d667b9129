import { Context, log } from '@temporalio/activity';

/** Mends one after another; one that cannot be mended now does not keep the others waiting. */
export async function countMended<Item>(
  items: readonly Item[],
  mend: (item: Item) => Promise<boolean>,
): Promise<number> {
  let mended = 0;
  let failed = 0;
  for (const item of items) {
    try {
      if (await mend(item)) mended += 1;
    } catch (error) {
      failed += 1;
      log.warn('could not be mended this time', { error });
    }
    if (Context.current().cancellationSignal.aborted) break;
  }
  if (failed > 0 && mended === 0)
    throw new Error(`Expected to mend ${items.length}, ${failed} failed`);
  return mended;
}
