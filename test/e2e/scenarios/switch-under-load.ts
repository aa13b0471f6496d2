import type { Decision } from '../../../plugin/lifecycle/status.ts';
import type { AcknowledgedWrite } from '../../lab/load/acknowledged.ts';
import type { LoadStats } from '../../lab/load/load-stats.ts';
import { loadWrites, stopLoad } from '../../lab/load/start.ts';
import { missingWrites, type MissingWrite } from '../../lab/load/verify.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { BLUE, GREEN, sampleLifecycle } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** What clients saw of a switch, and what of it is in the databases. */
export interface SwitchReport {
  readonly decision: Decision;
  readonly stats: LoadStats;
  readonly writes: readonly AcknowledgedWrite[];
  /** Acknowledged by whomever, and not on green. */
  readonly missingOnGreen: readonly MissingWrite[];
  /** Rows that blue has, or has newer, and green has not: written after the restore point. */
  readonly onlyOnBlue: number;
  readonly versionServed: string;
}

const OVERRIDDEN_SECONDS = 60;

export async function seedRows({ name }: World, rows: number): Promise<void> {
  const values = `SELECT 'seed-' || i, 'pet ' || i FROM generate_series(1, ${rows}) AS i`;
  await sql(name, `${BLUE}-pgo`, `INSERT INTO bestie.pets (token, name) ${values}`);
}

/** What the switch is made under. */
export const LOAD = { writers: 4, readers: 4, overriders: 3 };

/** Scenario 3: commits stage Switch under load; the clients go on until a minute after the commit. */
export async function switchUnderLoad(world: World): Promise<SwitchReport> {
  await commitLifecycle(world, sampleLifecycle({ green: { stage: 'Switch' } }), 'Switch');
  const { decision } = await waitForLedger(world, 'switched', ({ phase }) => phase === 'Confirmed', 420);
  if (decision?.committedAt === undefined) throw new Error('Confirmed, without a commit on record');
  await waitForSynced(world, 180);
  const until = Date.parse(decision.committedAt) + OVERRIDDEN_SECONDS * 1000;
  await waitFor(() => Promise.resolve(Date.now() > until), {
    what: 'a minute since the commit',
    timeoutSeconds: OVERRIDDEN_SECONDS + 5,
    everyMilliseconds: 1000,
  });
  const stats = await stopLoad(world.name);
  const writes = await loadWrites(world.name);
  return {
    decision,
    stats,
    writes,
    missingOnGreen: await missingWrites(writes, (query) => sql(world.name, `${GREEN}-pgo`, query)),
    onlyOnBlue: await countOnlyOnBlue(world),
    versionServed: stats.versions.at(-1)?.version ?? 'none',
  };
}

/** Compares the two databases themselves, whoever wrote and whoever was told what. */
async function countOnlyOnBlue({ name }: World): Promise<number> {
  const query = 'SELECT token, seq FROM bestie.pets ORDER BY token';
  const rows = async (cluster: string): Promise<readonly (readonly [string, number])[]> =>
    (await sql(name, cluster, query)).split('\n').map((line) => {
      const [token = '', seq = ''] = line.split('|');
      return [token, Number(seq)] as const;
    });
  const green = new Map(await rows(`${GREEN}-pgo`));
  return (await rows(`${BLUE}-pgo`)).filter(([token, seq]) => (green.get(token) ?? -1) < seq).length;
}
