import { useQuery } from '@tanstack/react-query';
import { take, useApi } from '@/api/client';

/** Accounts of one's own that bots sign in with. */
export function useIdentities() {
  const { client } = useApi();
  return useQuery({
    queryKey: ['identities'],
    queryFn: async () => take(await client.GET('/api/identities')).identities,
  });
}
