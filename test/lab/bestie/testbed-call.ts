export interface Reply {
  readonly status: number;
  readonly version: string | null;
  readonly sqlstate: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One request to a service on this machine. */
export async function call(port: number, method: string, path: string, body?: object): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return {
    status: response.status,
    version: response.headers.get('x-bestie-version'),
    sqlstate: response.headers.get('x-bestie-sqlstate'),
    body: (await response.json()) as Reply['body'],
  };
}
