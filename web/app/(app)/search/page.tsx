import type { Metadata } from 'next';
import { SearchPage } from '@/search/search-page';
import { search } from '@/strings/search';

export const metadata: Metadata = { title: search.title };

export default function Page() {
  return <SearchPage />;
}
