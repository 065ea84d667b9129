import { isScope } from '../../domain/scopes';
import { SUBJECTS } from '../operations/all';
import type { Operation } from '../operations/operation';

/** `/llms.txt`: what a language model must know to use the API, after llmstxt.org. */
export function makeLlmsText(apiUrl: string): string {
  const subjects = Object.entries(SUBJECTS).map(([name, { about, operations }]) =>
    [`## ${name}`, about, Object.entries(operations).map(makeLine).join('\n')].join('\n\n'),
  );
  return `${[makeHead(apiUrl), ...subjects].join('\n\n')}\n`;
}

const makeHead = (apiUrl: string): string => `# Meetings

> A bot joins a meeting, its words are written down live with speaker and time, and an analysis that cites them follows.

- [OpenAPI 3.1 document](${apiUrl}/openapi.json): every route, error and example
- [Reference page](${apiUrl}/docs)

Sign in by \`Authorization: Bearer <session token>\` or \`X-API-Key: <key>\`; a key needs the scopes that stand in brackets. JSON in and out. Errors are \`{"error": {"code", "message", "details"?}}\`.

A meeting from link to text: createMeeting with \`meetingUrl\`, startBot, then getTranscription with \`after\` (your last \`nextAfter\`) and \`wait=25\` until the meeting's status is \`completed\`; then getAnalysis.`;

function makeLine([key, { id, summary, access, alsoNeeds }]: [string, Operation]): string {
  const [method = '', path = ''] = key.split(' ');
  const scopes = [access, alsoNeeds].filter((each) => each !== undefined && isScope(each));
  const scope = scopes.length > 0 ? ` [${scopes.join(', ')}]` : '';
  return `- ${id}: \`${method.toUpperCase()} ${path}\`${scope} ${summary}`;
}
