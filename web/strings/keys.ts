import type { Scope } from '../../domain/scopes';

const scopes: Record<Scope, { name: string; text: string }> = {
  'meetings:read': { name: 'See meetings', text: 'Meetings, their attempts and states' },
  'meetings:write': { name: 'Change meetings', text: 'Make, change, delete and share them' },
  'transcripts:read': {
    name: 'Read what was said',
    text: 'Transcripts, analyses, recordings, exports, search',
  },
  bots: { name: 'Send bots', text: 'Start and stop them, have them speak and write' },
  webhooks: {
    name: 'Manage webhooks',
    text: 'With “Read what was said” also decide what is sent where',
  },
};

/** Words about API keys. */
export const keys = {
  title: 'API keys',
  text: 'What your programs show instead of signing in. Give each program its own, with no more than it needs.',
  loading: 'Your API keys are being read…',
  label: 'Your API keys',
  create: 'New key',
  emptyTitle: 'No API keys yet',
  emptyText: 'Make one to read transcripts, send bots or follow meetings from your own programs.',
  docs: 'API reference',
  head: { name: 'Name', scopes: 'May', used: 'Last used', expires: 'Expires', actions: 'Actions' },
  never: 'Never',
  expired: 'Expired',
  revoke: 'Revoke',
  revokeNamed: (name: string) => `Revoke ${name}`,
  revokeTitle: (name: string) => `Revoke “${name}”?`,
  revokeText: 'Whatever uses this key is refused from now on, and its live connections are closed.',
  revoked: 'The key is revoked',
  form: {
    title: 'New API key',
    text: 'The key is shown once, right after it was made.',
    name: 'Name',
    nameHint: 'What uses it, such as “Weekly report”.',
    nameMissing: 'Give it a name by which you know it again.',
    scopes: 'What it may do',
    scopesMissing: 'Choose at least one.',
    expires: 'Expires',
    submit: 'Make key',
    expiries: {
      '30': 'In 30 days',
      '90': 'In 90 days',
      '365': 'In a year',
      never: 'Never',
    },
  },
  made: {
    title: 'Copy your key now',
    text: 'It is kept nowhere and cannot be shown again.',
    label: 'The new API key',
    try: 'Try it',
    tryLabel: 'Command that lists your meetings with the key',
    done: 'I have copied it',
  },
  scopes,
};
