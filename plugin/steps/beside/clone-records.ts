import type { CloneRecord, Status } from '../../lifecycle/status.ts';
import { refuse, type StepContext } from '../ports/step.ts';

/** The records of restores beside in the ledger, as pure changes of its status. An id has one record for ever. */

export const cloneOf = ({ clones = [] }: Status, id: string): CloneRecord | undefined =>
  clones.find((each) => each.id === id);

/** Adds fields to a restore beside while it is in one of the states. @returns undefined where it is not. */
function withClone(
  status: Status,
  id: string,
  states: readonly CloneRecord['state'][],
  more: Partial<Omit<CloneRecord, 'id'>>,
): Status | undefined {
  const { clones = [] } = status;
  const at = clones.findIndex((each) => each.id === id);
  const is = clones[at];
  if (!is || !states.includes(is.state)) return undefined;
  return { ...status, clones: clones.with(at, { ...is, ...more }) };
}

/** The record as it is then. @throws LifecycleError step-out-of-order where it is in none of the states */
export async function noteClone(
  { ledger }: StepContext,
  id: string,
  states: readonly CloneRecord['state'][],
  more: Partial<Omit<CloneRecord, 'id'>>,
): Promise<CloneRecord> {
  const { written, view } = await ledger.update(({ status }) => withClone(status, id, states, more));
  const record = cloneOf(view.status, id);
  if (!written || !record) refuse('step-out-of-order', `restore ${id} is ${record?.state ?? 'not on record'}`);
  return record;
}
