import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** The SDK's own client, connected to `/mcp`, with the notices it got. */
export class TestMcpClient {
  readonly client = new Client({ name: 'test', version: '1' });
  readonly transport: StreamableHTTPClientTransport;
  /** URIs of resources that changed, in the order the notices came. */
  readonly updated: string[] = [];
  /** How often the stream of notices was opened. */
  streams = 0;
  private wake = (): void => undefined;

  constructor(url: string, headers: Record<string, string>) {
    this.transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      requestInit: { headers },
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (init?.method === 'GET' && response.ok) this.note(() => (this.streams += 1));
        return response;
      },
      reconnectionOptions: {
        initialReconnectionDelay: 10,
        maxReconnectionDelay: 10,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 2,
      },
    });
    this.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      this.note(() => this.updated.push(params.uri));
    });
  }

  static async connect(url: string, headers: Record<string, string>): Promise<TestMcpClient> {
    const made = new TestMcpClient(url, headers);
    await made.client.connect(made.transport);
    return made;
  }

  async call(name: string, args: object = {}): Promise<CallToolResult> {
    return (await this.client.callTool({ name, arguments: { ...args } })) as CallToolResult;
  }

  /** What a tool answered, which the client has checked by its output schema. */
  async get(name: string, args: object = {}): Promise<Record<string, never>> {
    const result = await this.call(name, args);
    if (result.isError) throw new Error(`Expected ${name} to answer, got ${textOf(result)}`);
    return result.structuredContent as Record<string, never>;
  }

  /** The code of the error that a tool answered with. */
  async refusal(name: string, args: object = {}): Promise<{ code: string; remedy: string }> {
    const result = await this.call(name, args);
    if (!result.isError) throw new Error(`Expected ${name} to refuse, got ${textOf(result)}`);
    return JSON.parse(textOf(result)).error;
  }

  async waitFor(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** The stream is opened after `initialize` has been answered. */
  async waitForStream(): Promise<void> {
    await this.waitFor(() => this.streams > 0);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private note(change: () => unknown): void {
    change();
    this.wake();
  }
}

export function textOf({ content }: Pick<CallToolResult, 'content'>): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}
