import type { RestoreRecord } from '../../lifecycle/status.ts';

/** Whether clients are off for a restore: from before its first change until it is confirmed, or was undone. */
export const areClientsOff = ({
  clientsOffAt,
  clientsBackAt,
}: Pick<RestoreRecord, 'clientsOffAt' | 'clientsBackAt'>): boolean =>
  clientsOffAt !== undefined && clientsBackAt === undefined;
