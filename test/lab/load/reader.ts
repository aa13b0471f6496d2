import type { ClientContext } from './client.ts';
import { reasonOf } from './error-code.ts';
import type { HttpClient } from './http-client.ts';

/** One in so many reads counts all pets instead of fetching one. */
const COUNT_EVERY = 20;

/**
 * Reads until stopped. Every read that is not answered with 200 is a failed read, whatever the reason: a row of an
 * acknowledged write that is not found, too.
 */
export async function reader(client: HttpClient, { writes, statistics, stopped, pause }: ClientContext): Promise<void> {
  for (let turn = 1; !stopped(); turn += 1) {
    const id = turn % COUNT_EVERY === 0 ? undefined : writes.anyId(Math.random());
    const path = id === undefined ? '/pets/count' : `/pets/${id}`;
    const failed = (reason: string): void => {
      statistics.failedRead({ connection: client.connection, path, reason });
    };
    try {
      const { status, version, sqlstate, resent } = await client.call('GET', path);
      if (resent) statistics.resent();
      if (version !== undefined) statistics.version(version);
      if (status === 200) statistics.read();
      else failed([status, sqlstate].filter((part) => part !== undefined).join(' '));
    } catch (error) {
      failed(reasonOf(error));
    }
    await pause();
  }
}
