import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import { isAccepted, type Seen } from './open-restores.ts';

/** The last restore that has begun and so brought what an instance holds, as long as the file has not said which version goes on with it. */
export function unsettledRestore({ restores = [] }: Status, instance: string): RestoreRecord | undefined {
  return restores.findLast(
    (each) =>
      each.instance === instance &&
      (each.state === 'Restored' || each.startedAt !== undefined) &&
      each.settledAt === undefined,
  );
}

/**
 * The file names the version that fits what was restored, without the restore: from here on it may name another. One that failed, and
 * after which somebody has brought the database back by hand, is over as well.
 */
export function withSettledRestores({ annotations, status }: Seen, instance: string, now: Date): Status | undefined {
  const at = now.toISOString();
  const settled = status.restores?.map((each): RestoreRecord => {
    if (each.instance !== instance) return each;
    const byHand = isAccepted(annotations, each) && each.clientsBackAt === undefined;
    if (!byHand && (each.state !== 'Restored' || each.settledAt !== undefined)) return each;
    return { ...each, settledAt: at, ...(byHand && { clientsBackAt: at }) };
  });
  const changed = settled?.some((each, index) => each !== status.restores?.[index]) ?? false;
  return changed && settled ? { ...status, restores: settled } : undefined;
}
