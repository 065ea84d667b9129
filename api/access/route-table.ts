import { match, type MatchFunction } from 'path-to-regexp';
import type { Operation, Operations } from '../operations/operation';

/** What the table says of a request: the route it is for, or the methods its path knows. */
export type RouteFinding =
  { kind: 'known'; key: string; operation: Operation } | { kind: 'unknown'; methods: string[] };

export interface RouteTable {
  find(method: string, path: string): RouteFinding;
  has(method: string, path: string): boolean;
}

interface Entry {
  method: string;
  key: string;
  operation: Operation;
  isLiteral: boolean;
  matches: MatchFunction<Partial<Record<string, string | string[]>>>;
}

/** The table of routes, matched the way Express matches them. */
export function createRouteTable(operations: Operations): RouteTable {
  const entries = Object.entries(operations).map(([key, operation]): Entry => {
    const [method = '', path = ''] = key.split(' ');
    // Decoding is Express's matter: a broken escape is refused there.
    const matches = match(toExpressPath(path), { decode: false });
    const isLiteral = !path.includes('{');
    return { method: method.toUpperCase(), key, operation, isLiteral, matches };
  });
  const keys = new Set(Object.keys(operations).map((key) => toExpressPath(key)));
  return {
    find(method, path) {
      const wanted = method === 'HEAD' ? 'GET' : method;
      const matching = entries.filter((entry) => entry.matches(path));
      const literal = matching.filter((entry) => entry.isLiteral);
      // a word that is a route of its own is no id
      const samePath = literal.length > 0 ? literal : matching;
      const found = samePath.find((entry) => entry.method === wanted);
      if (found) return { kind: 'known', key: found.key, operation: found.operation };
      return { kind: 'unknown', methods: samePath.map((entry) => entry.method) };
    },
    has: (method, path) => keys.has(`${method} ${path}`),
  };
}

function toExpressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
