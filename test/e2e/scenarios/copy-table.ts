import { kubectl } from '../../lab/kubectl.ts';
import { DATABASE } from '../world/sample.ts';
import { primaryPod } from '../world/sql.ts';
import type { World } from '../world/world.ts';

interface Copy {
  readonly from: string;
  readonly to: string;
  /** With its schema. */
  readonly table: string;
}

/** Copies a table from one PostgresCluster to another, as docs/how-to/restore-a-dropped-table.md does. */
export async function copyTable({ name }: World, { from, to, table }: Copy): Promise<void> {
  const inDatabase = async (cluster: string, command: readonly string[], input?: string): Promise<string> => {
    const pod = await primaryPod(name, cluster);
    return kubectl(['exec', '-i', '-n', name, pod, '-c', 'database', '--', ...command], input);
  };
  const dump = await inDatabase(from, ['pg_dump', '-U', 'postgres', '-d', DATABASE, '-t', table]);
  await inDatabase(to, ['psql', '-X', '-U', 'postgres', '-d', DATABASE, '-v', 'ON_ERROR_STOP=1', '-1', '-q'], dump);
}
