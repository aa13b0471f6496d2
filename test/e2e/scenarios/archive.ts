import { waitFor } from '../../lab/wait-for.ts';
import { sql } from '../world/sql.ts';
import type { World } from '../world/world.ts';

/** Until everything that was written before is in the archive. */
export async function archiveAll({ name }: World, cluster: string): Promise<void> {
  const segment = await sql(name, cluster, 'SELECT pg_walfile_name(pg_switch_wal())');
  const archived = `SELECT coalesce(last_archived_wal >= '${segment}', false) FROM pg_stat_archiver`;
  await waitFor(async () => (await sql(name, cluster, archived)) === 't', {
    what: `${segment} archived`,
    timeoutSeconds: 60,
  });
}

/** As where the repository cannot be reached any more: what is written from now on is on the database's volume only. */
export async function stopArchiving({ name }: World, cluster: string): Promise<void> {
  await sql(name, cluster, "ALTER SYSTEM SET archive_command = 'false'");
  await sql(name, cluster, 'SELECT pg_reload_conf()');
}
