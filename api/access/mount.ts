import type { Express, Router } from 'express';
import type { RouteTable } from './route-table';

/** Mounts a router; throws when one of its routes is not in the table, so that the server refuses to start. */
export function mountDeclared(
  app: Express,
  table: RouteTable,
  { prefix, router }: { prefix: string; router: Router },
): void {
  const missing = listRoutes(prefix, router).filter(({ method, path }) => !table.has(method, path));
  if (missing.length > 0) {
    const names = missing.map(({ method, path }) => `${method} ${path}`).join(', ');
    throw new Error(
      `Expected every route in api/operations with its access, got none for: ${names}`,
    );
  }
  if (prefix === '') app.use(router);
  else app.use(prefix, router);
}

function listRoutes(prefix: string, router: Router): { method: string; path: string }[] {
  return router.stack.flatMap(({ route }) => {
    if (!route) return [];
    const paths: string[] = [(route as { path: string | string[] }).path].flat();
    const { methods } = route as unknown as { methods: Record<string, boolean> };
    return paths.flatMap((path) =>
      Object.keys(methods).map((method) => ({ method, path: prefix + path })),
    );
  });
}
