import { searchPageSchema, searchQuerySchema } from '../../domain/search';
import type { Operations } from './operation';

export const SEARCH: Operations = {
  'get /api/search': {
    id: 'searchTranscripts',
    access: 'transcripts:read',
    audit: 'transcripts.searched',
    auditHourly: true,
    summary: 'Search what was said in your meetings, best match first',
    description:
      'Endings of English words do not count, other words are found as they are; languages written without spaces only by what stands between two marks. Titles are searched by `GET /api/meetings?q=`.',
    query: searchQuerySchema,
    answers: { 200: searchPageSchema },
    errors: ['invalid_request'],
  },
};
