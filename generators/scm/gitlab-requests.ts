import type { Gitlab } from '@gitbeaker/rest';

type Requester = NonNullable<NonNullable<ConstructorParameters<typeof Gitlab>[0]>['requesterFn']>;
type Service = Parameters<Requester>[0];
type Ask = ReturnType<Requester>['get'];
type Options = NonNullable<Parameters<Ask>[1]>;

/** An answer that is none of the good ones. */
class GitlabError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const named = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [snake(name), value]));

/**
 * Gitbeaker's calls by a fetch of ours: its own tries a host that asks for patience ten times within a second, whatever `Retry-After` says.
 */
export function requestsBy(fetch: typeof globalThis.fetch): Requester {
  return (service) => {
    const by =
      (method: string): Ask =>
      (endpoint, options = {}) =>
        // Its types let a body be of whatever kind the caller says.
        ask(fetch, service, endpoint, { ...options, method }) as ReturnType<Ask> as never;
    return { get: by('GET'), post: by('POST'), put: by('PUT'), patch: by('PATCH'), delete: by('DELETE') };
  };
}

async function ask(
  fetch: typeof globalThis.fetch,
  { url, headers: fixed, authHeaders }: Service,
  endpoint: string,
  { method = 'GET', searchParams = {}, body, signal }: Options,
): Promise<{ body: unknown; headers: Record<string, string>; status: number }> {
  const address = new URL(endpoint, url.endsWith('/') ? url : `${url}/`);
  for (const [name, value] of Object.entries(named(searchParams)))
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      address.searchParams.set(name, `${value}`);
  const headers = new Headers(fixed);
  for (const [name, value] of Object.entries(authHeaders)) headers.set(name, await value());
  const content = body === undefined || body instanceof FormData ? body : JSON.stringify(named(body));
  if (typeof content === 'string') headers.set('content-type', 'application/json');
  const response = await fetch(address, {
    method,
    headers,
    ...(content !== undefined && { body: content }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  if (!response.ok) throw new GitlabError(response.status, text.slice(0, 500));
  const { status, headers: answered } = response;
  return {
    body: isJson ? (JSON.parse(text) as unknown) : text,
    headers: Object.fromEntries(answered.entries()),
    status,
  };
}
