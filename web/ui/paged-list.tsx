'use client';

import type { ReactNode } from 'react';
import { LoadMore } from './load-more';
import { Problem } from './problem';
import { SkeletonList } from './skeleton';

/** Pages as a query has them. */
export interface PagedQuery<Page> {
  data: { pages: Page[] } | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
  refetch: () => Promise<unknown>;
}

interface PagedListProps<Page, Item> {
  list: PagedQuery<Page>;
  items: (page: Page) => readonly Item[];
  /** Said while the first page is read. */
  loading: string;
  /** Lines that are drawn meanwhile. */
  rows?: number;
  /** In place of a list without items. */
  empty: ReactNode;
  /** False where the surroundings leave no room around what is shown. */
  isPadded?: boolean;
  children: (items: readonly Item[]) => ReactNode;
}

/** A list that comes page by page: being read, not to be had, empty, or there. */
export function PagedList<Page, Item>(props: PagedListProps<Page, Item>) {
  const { list, items, loading, rows, empty, isPadded = true, children } = props;
  if (list.isPending) return <SkeletonList label={loading} {...(rows ? { rows } : {})} />;
  if (list.data === undefined) {
    const problem = <Problem error={list.error} onRetry={() => void list.refetch()} />;
    return isPadded ? problem : <div className="p-5">{problem}</div>;
  }
  const all = list.data.pages.flatMap(items);
  return (
    <>
      {all.length === 0 ? empty : children(all)}
      <LoadMore
        hasMore={list.hasNextPage}
        isBusy={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
      />
    </>
  );
}

/** A list that comes whole, as one page of itself. */
export function asOnePage<Item>(list: {
  data: readonly Item[] | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => Promise<unknown>;
}): PagedQuery<readonly Item[]> {
  return {
    data: list.data && { pages: [list.data] },
    error: list.error,
    isPending: list.isPending,
    hasNextPage: false,
    isFetchingNextPage: false,
    fetchNextPage: list.refetch,
    refetch: list.refetch,
  };
}
