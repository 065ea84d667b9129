'use client';

import { Search, SearchX } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { readFieldProblems } from '@/api/problems';
import { search } from '@/strings/search';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { readFilters, writeFilters, type Filters } from './filters';
import { ResultList } from './result-list';
import { useSearch } from './use-search';
import { SearchFields } from './search-fields';

/** From the last key to the question. */
const TYPING_MS = 250;

export function SearchPage() {
  const [filters, setFilters] = useState<Filters>(readFilters(useSearchParams()));
  const [asked, setAsked] = useState(filters);
  const inputRef = useRef<HTMLInputElement>(null);
  const found = useSearch(asked);
  useSlashKey(() => inputRef.current?.select());
  useEffect(() => {
    // somebody may have typed before the page could listen
    const typed = inputRef.current?.value ?? '';
    if (typed) setFilters((before) => ({ ...before, q: typed }));
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(filters), TYPING_MS);
    return () => clearTimeout(timer);
  }, [filters]);
  useEffect(() => {
    const text = writeFilters(asked);
    window.history.replaceState(null, '', text ? `/search?${text}` : '/search');
  }, [asked]);
  const handleKeys = (event: KeyboardEvent<HTMLElement>): void => {
    if (!(event.target instanceof HTMLInputElement) || event.target !== inputRef.current) return;
    if (event.key === 'Enter') setAsked(filters);
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    event.currentTarget.querySelector<HTMLAnchorElement>('ol a')?.focus();
  };
  return (
    <PageBody>
      <PageHeader title={search.title} text={search.text} />
      <div role="search" onKeyDown={handleKeys}>
        <SearchFields
          filters={filters}
          onChange={(changes) => setFilters((before) => ({ ...before, ...changes }))}
          inputRef={inputRef}
          problems={readFieldProblems(found.error)}
        />
        <Found query={asked.q} found={found} />
      </div>
    </PageBody>
  );
}

function Found({ query, found }: { query: string; found: ReturnType<typeof useSearch> }) {
  if (query.trim() === '') {
    return <EmptyState icon={Search} title={search.startTitle} text={search.startText} />;
  }
  if (found.isError) {
    if (readFieldProblems(found.error).size > 0) return null;
    return (
      <div className="mt-6">
        <Problem error={found.error} onRetry={() => void found.refetch()} />
      </div>
    );
  }
  if (found.isPending) return <SkeletonList label={search.loading} />;
  const results = found.data.pages.flatMap((page) => page.results);
  if (results.length === 0) {
    return <EmptyState icon={SearchX} title={search.noneTitle} text={search.noneText} />;
  }
  const hasOlder = found.data.pages.at(-1)?.hasOlder === true;
  return (
    <div className="mt-6">
      <div className="mb-2 flex flex-wrap justify-between gap-x-4 text-[13px] text-soft">
        <p role="status">{search.found(results.length, !found.hasNextPage)}</p>
        <p aria-hidden className="hidden sm:block">
          {search.keys}
        </p>
      </div>
      <ResultList results={results} />
      <LoadMore
        hasMore={found.hasNextPage}
        isBusy={found.isFetchingNextPage}
        onMore={() => void found.fetchNextPage()}
      />
      {hasOlder && !found.hasNextPage && (
        <p className="py-4 text-center text-[13px] text-soft">{search.older}</p>
      )}
    </div>
  );
}

/** `/` goes to the words from anywhere on the page. */
function useSlashKey(focus: () => void): void {
  const goThere = useRef(focus);
  goThere.current = focus;
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      const isTyping =
        event.target instanceof HTMLElement && event.target.matches('input,textarea');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      goThere.current();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
