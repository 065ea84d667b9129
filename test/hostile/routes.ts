import { OPERATIONS } from '../../api/operations/all';
import type { Operation } from '../../api/operations/operation';
import type { TestApi } from '../api-server';

export interface Route {
  key: string;
  method: string;
  path: string;
  operation: Operation;
}

/** Every route of the server: what is tried on all of them forgets no new one. */
export const ROUTES: Route[] = Object.entries(OPERATIONS).map(([key, operation]) => {
  const [method = '', path = ''] = key.split(' ');
  return { key, method, path, operation };
});

export interface Answer {
  status: number;
  text: string;
  code: string | undefined;
}

/** Asks for a route with its path filled in, as anybody could. */
export async function ask(
  api: TestApi,
  { method, path }: Pick<Route, 'method' | 'path'>,
  request: {
    params?: Record<string, string>;
    headers?: Record<string, string>;
    body?: object;
  } = {},
): Promise<Answer> {
  const filled = path.replace(
    /\{(\w+)\}/g,
    (_whole, name: string) => request.params?.[name] ?? '1',
  );
  const isRead = method === 'get';
  const response = await fetch(api.url + filled, {
    method: method.toUpperCase(),
    redirect: 'manual',
    headers: { ...(isRead ? {} : { 'content-type': 'application/json' }), ...request.headers },
    ...(isRead ? {} : { body: JSON.stringify(request.body ?? {}) }),
  });
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  return { status: response.status, text, code };
}
