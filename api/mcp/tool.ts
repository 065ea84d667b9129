import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { errorBodySchema } from '../../domain/api';
import type { IntentAnswer } from '../../infra/database/intents';
import { toApiError } from '../error-handler';
import { ApiError, ERROR_CODES, type ErrorCode } from '../errors';
import type { Operation } from '../operations/operation';
import { listProblems } from '../validate';
import { perform, type McpContext } from './caller';
import { findRemedyFor } from './remedies';

/** One tool of the MCP server; made by `defineTool`. */
export interface McpTool {
  name: string;
  twin: Operation;
  listed: ListedTool;
  call(context: McpContext, args: unknown): Promise<CallToolResult>;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  /** The REST route that needs the same scope and has the same name in the audit log. */
  twin: Operation;
  input: Input;
  output: Output;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
  run(context: McpContext, args: z.output<Input>): Promise<z.input<Output>>;
  findMeetingId?(result: z.input<Output>): number | null;
  /** The result as text, for clients that read no structured content. */
  toText(result: z.output<Output>): string;
}

/** What only looks: no harm in doing it again. */
export const READS = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Ids of meetings as tools take them. */
export const meetingIdSchema = z
  .int()
  .min(1)
  .max(2_147_483_647)
  .describe('Id of a meeting of yours');

export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,180}$/, 'Expected 1 to 180 printable ASCII characters')
  .optional()
  .describe('The same key with the same arguments gets the same answer for 24 hours');

/** Checks arguments and result by their schemas, and makes every refusal a tool error. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): McpTool {
  const { name, title, description, twin, input, output, annotations } = definition;
  return {
    name,
    twin,
    listed: {
      name,
      title,
      description,
      inputSchema: toJsonSchema(input, 'input'),
      outputSchema: toJsonSchema(output, 'output'),
      annotations: { title, ...annotations },
    },
    async call(context, args) {
      try {
        const result = await perform(context, {
          twin,
          meetingId: readMeetingId(args),
          work: () => definition.run(context, readArguments(input, args)),
          ...(definition.findMeetingId ? { findMeetingId: definition.findMeetingId } : {}),
        });
        const structured = output.parse(result);
        const text = definition.toText(structured);
        return { content: [{ type: 'text', text }], structuredContent: structured };
      } catch (error) {
        return toToolError(context, error);
      }
    },
  };
}

/** What schemas are described by, without the names under which others refer to them. */
class Descriptions extends z.core.$ZodRegistry<{ description: string }> {
  override get<Schema extends z.core.$ZodType>(schema: Schema) {
    const description = z.globalRegistry.get(schema)?.description;
    return (description === undefined ? undefined : { description }) as ReturnType<
      z.core.$ZodRegistry<{ description: string }>['get']
    >;
  }
}

/** Draft 7, without references: what clients and models understand everywhere. */
function toJsonSchema(schema: z.ZodObject, io: 'input' | 'output'): ListedTool['inputSchema'] {
  const options = { io, target: 'draft-7', metadata: new Descriptions() } as const;
  return z.toJSONSchema(schema, options) as ListedTool['inputSchema'];
}

function readArguments<Input extends z.ZodObject>(input: Input, args: unknown): z.output<Input> {
  const result = input.safeParse(args ?? {});
  if (result.success) return result.data;
  const problems = listProblems('body', result.error.issues);
  const fields = problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new ApiError('invalid_request', `Expected valid arguments, got problems: ${fields}`);
}

/** For the audit log, which also keeps what was refused. */
function readMeetingId(args: unknown): number | null {
  const known = z.object({ meetingId: meetingIdSchema }).safeParse(args);
  return known.success ? known.data.meetingId : null;
}

function toToolError({ deps, caller }: McpContext, error: unknown): CallToolResult {
  const known = toApiError(error);
  const { requestId } = caller;
  if (known.status >= 500) deps.logger.error({ requestId, err: error }, 'tool failed');
  const { code, message } = known;
  const body = { error: { code, message, remedy: findRemedyFor(code) } };
  return { content: [{ type: 'text', text: JSON.stringify(body) }], isError: true };
}

/** What a command's answer carries; one that is a refusal is thrown. */
export function readAnswer<Body extends z.ZodType>(
  { status, body }: IntentAnswer,
  schema: Body,
): z.output<Body> {
  if (status < 400) return schema.parse(body);
  const { code, message } = errorBodySchema.parse(body).error;
  throw new ApiError(isErrorCode(code) ? code : 'internal', message);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
