import type { ZodOpenApiPathItemObject } from 'zod-openapi';
import { WEBHOOK_DATA, WEBHOOK_TYPES, webhookBodySchema } from '../../domain/webhooks';
import { makeWebhookExample } from './webhook-examples';

/** Describes what is posted to webhook endpoints, by the schemas of its data. */
export function describeWebhooks(): Record<string, ZodOpenApiPathItemObject> {
  return Object.fromEntries(
    WEBHOOK_TYPES.map((type) => {
      const data = WEBHOOK_DATA[type];
      const schema = webhookBodySchema(type, data);
      return [
        type,
        {
          post: {
            operationId: `receive${type.split(/[._]/).map(capitalise).join('')}`,
            tags: ['Webhooks'],
            summary: data.description ?? type,
            security: [],
            requestBody: {
              content: { 'application/json': { schema, example: makeWebhookExample(type) } },
            },
            responses: { '2XX': { description: 'Taken; everything else is tried again' } },
          },
        },
      ];
    }),
  );
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
