import { z } from 'zod';
import {
  healthSchema,
  localSessionSchema,
  localSignInSchema,
  readinessSchema,
} from '../../domain/api';
import type { Operations } from './operation';

export const PUBLIC: Operations = {
  'get /health': { access: 'public', summary: 'Alive', answers: { 200: healthSchema } },
  'get /api/health': { access: 'public', summary: 'Alive', answers: { 200: healthSchema } },
  'get /metrics': {
    access: 'public',
    summary: 'Figures for Prometheus',
    byteAnswer: 'text/plain',
    answers: { 200: null },
  },
  'get /openapi.json': {
    access: 'public',
    summary: 'This document',
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  'get /sign-in': {
    access: 'public',
    summary: 'Local mode only: the page to sign in on',
    byteAnswer: 'text/html',
    answers: { 200: null },
  },
  'get /sign-in.js': {
    access: 'public',
    summary: 'Local mode only: the script of that page',
    byteAnswer: 'text/javascript',
    answers: { 200: null },
  },
  'get /ready': {
    access: 'public',
    summary: 'Each dependency by name with its state',
    answers: { 200: readinessSchema, 503: readinessSchema },
  },
  'post /api/local/sign-in': {
    access: 'public',
    summary: 'Local mode only: a session for this e-mail address, without a password',
    body: localSignInSchema,
    answers: { 200: localSessionSchema },
    errors: ['invalid_request', 'origin_not_allowed'],
  },
};
