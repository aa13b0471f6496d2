import type { Instance } from './instance.ts';

/** SQLSTATE of an error of the server, or its text. */
export function stateOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return String(error);
}

/** Runs the statements in one new session of this role: `accepted`, or the SQLSTATE that refused one. */
export async function refusal(
  server: Instance,
  role: string,
  statements: readonly string[],
  database = 'bestie',
): Promise<string> {
  const client = await server.client(role, database).catch(stateOf);
  if (typeof client === 'string') return client;
  try {
    for (const statement of statements) await client.query(statement);
    return 'accepted';
  } catch (error) {
    return stateOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
