import { expect } from '@jest/globals';
import { loadWrites, stopLoad } from '../../lab/load/start.ts';
import type { LoadStats } from '../../lab/load/load-stats.ts';
import { missingWrites } from '../../lab/load/verify.ts';
import { report } from './report.ts';
import { sql } from './sql.ts';
import type { World } from './world.ts';

/** Ends the clients and looks for every write that was acknowledged to them through the Service on the one that serves. */
export async function expectNothingLost({ name }: World, cluster: string): Promise<LoadStats> {
  const stats = await stopLoad(name);
  const writes = await loadWrites(name);
  report(`${name}, in all`, {
    'acknowledged through the Service': writes.length,
    'failed reads': stats.reads.failed,
  });
  expect(writes.length).toBeGreaterThan(100);
  expect(await missingWrites(writes, (query) => sql(name, cluster, query))).toEqual([]);
  return stats;
}
