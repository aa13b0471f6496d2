import type { ClientContext } from './client.ts';
import { reasonOf } from './error-code.ts';
import type { HttpClient } from './http-client.ts';

/** One in so many reads counts all pets instead of fetching one. */
const COUNT_EVERY = 20;

/**
 * Reads until stopped. Every read that is not answered with 200 is a failed read, whatever the reason, and so is one that
 * does not show what was acknowledged before it was sent: the row is not there, or as it was before.
 */
export async function reader(client: HttpClient, { writes, statistics, stopped, pause }: ClientContext): Promise<void> {
  for (let turn = 1; !stopped(); turn += 1) {
    const row = turn % COUNT_EVERY === 0 ? undefined : writes.row(Math.random());
    const path = row === undefined ? '/pets/count' : `/pets/${row.id}`;
    const failed = (reason: string, missing = false): void => {
      statistics.failedRead({ connection: client.connection, path, reason, missing });
    };
    try {
      const { status, version, sqlstate, resent, body } = await client.call('GET', path);
      if (resent) statistics.resent();
      if (version !== undefined) statistics.version(version);
      if (status !== 200)
        failed([status, version, sqlstate].filter((part) => part !== undefined).join(' '), status === 404);
      else if (row && !(seqOf(body) >= row.seq))
        failed(`${version ?? '?'} is behind: ${seqOf(body)} of ${row.seq}`, true);
      else statistics.read();
    } catch (error) {
      failed(reasonOf(error));
    }
    await pause();
  }
}

const seqOf = (body: string): number => (JSON.parse(body) as { readonly seq: number }).seq;
