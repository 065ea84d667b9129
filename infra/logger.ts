import pino from 'pino';

/** The process's one logger: JSON lines on standard output, ids as fields, never words or names. */
export const logger = pino({
  level: 'info',
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: [
      '*.token',
      '*.authorization',
      '*.headers.authorization',
      '*.passcode',
      '*.joinUrl',
      // PostgreSQL's errors carry values of the row they are about.
      'err.detail',
      'err.where',
    ],
    censor: '[hidden]',
  },
});
