import type { AuditEntryView } from '../../domain/admin';

const actors: Record<AuditEntryView['actorKind'], string> = {
  session: 'Signed in',
  api_key: 'API key',
  admin: 'Administrator',
  clerk: 'Clerk',
  oauth: 'Program',
  share: 'Share link',
  system: 'The platform itself',
};

/** Words about the audit log. */
export const audit = {
  title: 'Audit log',
  text: 'Who did what with your data, newest first. Entries are kept for 400 days and hold nothing of what was said.',
  adminText:
    'Who did what, newest first. Entries are kept for 400 days and hold nothing of what was said.',
  loading: 'The audit log is being read…',
  label: 'Entries of the audit log',
  filters: 'Filters',
  allActors: 'Everybody',
  actors,
  head: {
    at: 'When',
    action: 'What',
    actor: 'Who',
    user: 'User',
    meeting: 'Meeting',
    address: 'From',
    answer: 'Answer',
  },
  actor: 'Who',
  action: 'What',
  actionHint: 'Such as meeting.created',
  user: 'User number',
  notANumber: 'Enter a number.',
  since: 'Since',
  until: 'Until',
  unanswered: 'Never answered',
  nothing: '–',
  noneTitle: 'Nothing here',
  noneText:
    'No entry fits these filters. Entries appear when something is changed, read or shared.',
};
