'use client';

import { createMeetingsClient, type MeetingsClient, type Schemas } from 'meetings-client';
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { connection } from './connection';
import type { Place } from './place';
import { ApiProblem, UnreachableProblem } from './problems';
import { goToSignIn, useSession, type Session } from './session';

export type { Schemas };

/** The API as the pages use it. */
export interface Api {
  client: MeetingsClient;
  place: Place;
  /** An address of the API for elements that load by themselves, such as sound and pictures. */
  url: (path: string) => string;
  /** The address of `/ws`. */
  socketUrl: () => string;
}

const ApiContext = createContext<Api | null>(null);

export function ApiProvider({ place, children }: { place: Place; children: ReactNode }) {
  const session = useSession();
  const api = useMemo(() => createApi(place, session), [place, session]);
  return <ApiContext value={api}>{children}</ApiContext>;
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('Expected an ApiProvider around this');
  return api;
}

function createApi(place: Place, session: Session): Api {
  const { apiOrigin } = place;
  return {
    place,
    client: createMeetingsClient({
      baseUrl: apiOrigin,
      token: session.getToken,
      fetch: (request) => ask(request, apiOrigin, session),
    }),
    url: (path) => `${apiOrigin}${path}`,
    socketUrl: () => `${(apiOrigin || window.location.origin).replace(/^http/, 'ws')}/ws`,
  };
}

async function ask(request: Request, apiOrigin: string, session: Session): Promise<Response> {
  try {
    const response = await fetch(request);
    connection.found();
    if (response.status === 401) {
      session.forgetToken();
      goToSignIn();
    }
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    connection.lost(`${apiOrigin}/api/health`);
    throw new UnreachableProblem();
  }
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What came; a refusal is thrown as an ApiProblem. */
export function take<Data>({ data, error, response }: Answer<Data>): Data {
  if (response.ok) return data as Data;
  const body = (error as Schemas['Error'] | undefined)?.error;
  throw new ApiProblem({
    status: response.status,
    code: body?.code ?? 'unknown',
    message: body?.message ?? response.statusText,
    details: body?.details,
  });
}
