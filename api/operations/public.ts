import { z } from 'zod';
import {
  healthSchema,
  localSessionSchema,
  localSignInSchema,
  readinessSchema,
} from '../../domain/api';
import { clerkAnswerSchema, clerkEventSchema } from '../../domain/profiles';
import { scopeSchema } from '../../domain/scopes';
import { docsFileSchema } from '../routes/docs-page';
import type { Operations } from './operation';

const oauthMetadataSchema = z.object({
  resource: z.url(),
  resource_name: z.string(),
  authorization_servers: z.array(z.url()),
  bearer_methods_supported: z.array(z.string()),
  scopes_supported: z.array(scopeSchema),
});

export const PUBLIC: Operations = {
  'get /health': {
    id: 'getHealth',
    access: 'public',
    summary: 'Whether the process is alive',
    answers: { 200: healthSchema },
  },
  'get /api/health': {
    id: 'getApiHealth',
    access: 'public',
    summary: 'Whether the process is alive, below /api',
    answers: { 200: healthSchema },
  },
  'get /ready': {
    id: 'getReadiness',
    access: 'public',
    summary: 'Each dependency by name with its state',
    answers: { 200: readinessSchema, 503: readinessSchema },
  },
  'get /metrics': {
    id: 'getMetrics',
    access: 'public',
    summary: 'Figures for Prometheus',
    description:
      'With METRICS_TOKEN set, for who shows it as bearer; without, not through a proxy, and in production only where a proxy is in front.',
    byteAnswer: 'text/plain',
    answers: { 200: null },
    errors: ['unauthenticated'],
  },
  'get /.well-known/oauth-protected-resource': {
    id: 'getOAuthMetadata',
    access: 'public',
    summary: 'Who signs people in for programs that use /mcp',
    description: 'As RFC 9728 says; 404 where MCP_OAUTH_SCOPES is not set.',
    answers: { 200: oauthMetadataSchema },
    errors: ['route_not_found'],
  },
  'get /.well-known/oauth-protected-resource/mcp': {
    id: 'getMcpOAuthMetadata',
    access: 'public',
    summary: 'The same, at the address that belongs to /mcp',
    answers: { 200: oauthMetadataSchema },
    errors: ['route_not_found'],
  },
  'get /openapi.json': {
    id: 'getOpenApiDocument',
    access: 'public',
    summary: 'This document',
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  'get /docs': {
    id: 'getDocsPage',
    access: 'public',
    summary: 'This document as a page to read and try',
    byteAnswer: 'text/html',
    answers: { 200: null },
  },
  'get /docs/{file}': {
    id: 'getDocsFile',
    access: 'public',
    summary: 'The files of that page',
    path: docsFileSchema,
    byteAnswer: ['text/css', 'text/javascript'],
    answers: { 200: null },
  },
  'get /llms.txt': {
    id: 'getLlmsText',
    access: 'public',
    summary: 'The routes in short, for language models',
    byteAnswer: 'text/plain',
    answers: { 200: null },
  },
  'get /sign-in': {
    id: 'getSignInPage',
    access: 'public',
    summary: 'Local mode only: the page to sign in on',
    byteAnswer: 'text/html',
    answers: { 200: null },
    errors: ['route_not_found'],
  },
  'get /sign-in.js': {
    id: 'getSignInScript',
    access: 'public',
    summary: 'Local mode only: the script of that page',
    byteAnswer: 'text/javascript',
    answers: { 200: null },
    errors: ['route_not_found'],
  },
  'post /api/webhooks/clerk': {
    id: 'takeClerkEvent',
    access: 'public',
    summary: 'Clerk’s events about users, signed by Svix',
    description:
      'Each is taken once, in any order. One that Svix sends again, signed anew, is `repeated`; a copy of a request that was taken is refused.',
    body: clerkEventSchema,
    bodyExamples: { deletion: { type: 'user.deleted', data: { id: 'user_2abc' } } },
    answers: { 200: clerkAnswerSchema },
    errors: ['invalid_signature', 'webhook_replayed', 'clerk_webhook_not_configured'],
  },
  'post /api/local/sign-in': {
    id: 'signInLocally',
    access: 'public',
    summary: 'Local mode only: a session for this e-mail address, without a password',
    body: localSignInSchema,
    bodyExamples: { person: { email: 'maya@example.com', name: 'Maya' } },
    answers: { 200: localSessionSchema },
    errors: ['route_not_found', 'user_disabled', 'user_deleted'],
  },
};
