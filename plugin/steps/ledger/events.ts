import { approvedText } from '../../lifecycle/approved-text.ts';
import type { CloneRecord, Decision, RestoreRecord, Status } from '../../lifecycle/status.ts';
import type { LedgerEvent } from '../ports/ports.ts';
import { areClientsOff } from './clients-off.ts';
import { givenUpText } from '../../lifecycle/given-up-text.ts';

/** What people are told when the ledger changes from one status to another: every decision, restore and approval. Pure. */
export function eventsOf(before: Status, after: Status): readonly LedgerEvent[] {
  return [
    ...decisionEvents(before.decision, after.decision),
    ...(after.restores ?? []).flatMap((restore) =>
      restoreEvents(
        before.restores?.find(({ id }) => id === restore.id),
        restore,
      ),
    ),
    ...(after.clones ?? []).flatMap((clone) =>
      cloneEvents(
        before.clones?.find(({ id }) => id === clone.id),
        clone,
      ),
    ),
    ...servingEvents(before.serving, after.serving),
    ...rehearsalEvents(before.rehearsal, after.rehearsal),
    ...awaitingEvents(before.awaitingApproval, after.awaitingApproval),
  ];
}

const normal = (reason: string, message: string): LedgerEvent => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): LedgerEvent => ({ type: 'Warning', reason, message });

function decisionEvents(before: Decision | undefined, after: Decision | undefined): readonly LedgerEvent[] {
  if (after === undefined) return [];
  const known = before?.digest === after.digest ? before : undefined;
  const { state, blue, green, digest, reason = '', windowSeconds, lostWrites } = after;
  const about = `${blue} → ${green}, plan ${digest}`;
  const events: LedgerEvent[] = [];
  if (known?.state !== state) {
    if (state === 'Open') events.push(normal('SwitchBegun', about));
    if (state === 'Fenced') events.push(normal('Fenced', `${about}: ${blue} takes no writes from here on`));
    if (state === 'Committed') events.push(normal('Committed', `${about}: decided for ${green}`));
    if (state === 'Aborted') events.push(warning('Aborted', `${about}: ${reason}`));
  }
  if (windowSeconds !== undefined && known?.windowSeconds === undefined)
    events.push(normal('WindowEnded', `${about}: clients could not write for ${windowSeconds} s`));
  if (lostWrites !== undefined && lostWrites > 0 && known?.lostWrites !== lostWrites)
    events.push(warning('LostWrites', `${about}: ${lostWrites} transactions on ${blue} after the restore point`));
  return events;
}

type Told = (of: RestoreRecord) => LedgerEvent;

const BEGUN = ({
  id,
  approvedBy,
  pullRequest,
}: Pick<RestoreRecord, 'id' | 'approvedBy' | 'pullRequest'>): LedgerEvent =>
  normal(
    'RestoreBegun',
    `restore ${id}: ${approvedBy ? approvedText(approvedBy, pullRequest) : 'no approval is asked for'}`,
  );

/** Only on: one that is taken back has clients back, which is told. */
const ON: Partial<Record<RestoreRecord['state'], Told>> = {
  Restoring: BEGUN,
  Restored: ({ id, target }) => normal('Restored', `restore ${id}: the database is back at ${target}`),
  Failed: ({ id, reason = '' }) => warning('RestoreFailed', `restore ${id}: ${reason}`),
};

function restoreEvents(before: RestoreRecord | undefined, after: RestoreRecord): readonly LedgerEvent[] {
  const { id, target, recovery, state } = after;
  const [wasOff, isOff] = [areClientsOff(before ?? {}), areClientsOff(after)];
  return [
    ...(before
      ? []
      : [normal('RestoreRequested', `restore ${id} to ${target}: it can be reached, from backup ${recovery.label}`)]),
    ...(!wasOff && isOff ? [warning('ClientsOff', `restore ${id}: clients are off`)] : []),
    ...(after.before && !before?.before
      ? [normal('WayBackKept', `restore ${id}: ${after.before.point} keeps what was written until ${after.before.at}`)]
      : []),
    ...(before?.state === state ? [] : [ON[state]?.(after)].filter((event) => event !== undefined)),
    // Where another has taken its place, clients are off by that one.
    ...(wasOff && !isOff && (after.clientsBackAt !== undefined || state === 'Requested')
      ? [normal('ClientsBack', `restore ${id}: clients are back`)]
      : []),
  ];
}

const CLONE: Readonly<Record<CloneRecord['state'], (of: CloneRecord) => LedgerEvent>> = {
  Requested: ({ id, target, recovery }) =>
    normal('RestoreRequested', `restore ${id} to ${target}: it can be reached, from backup ${recovery.label}`),
  Cloning: BEGUN,
  Cloned: ({ id, instance, target }) => normal('Restored', `restore ${id}: ${instance} is what was there at ${target}`),
  Failed: ({ id, reason = '' }) => warning('RestoreFailed', `restore ${id}: ${reason}`),
};

function cloneEvents(before: CloneRecord | undefined, after: CloneRecord): readonly LedgerEvent[] {
  const { id, source, givenUpUntil, state } = after;
  return [
    ...(before?.state === state ? [] : [CLONE[state](after)]),
    ...(givenUpUntil !== undefined && before?.givenUpUntil === undefined
      ? [
          warning(
            'GivenUp',
            `restore ${id}: what was written after the target, until ${givenUpUntil}${givenUpText(after)}, is on ${source} only`,
          ),
        ]
      : []),
  ];
}

function servingEvents(before: Status['serving'], after: Status['serving']): readonly LedgerEvent[] {
  if (after === undefined) return [];
  const isSame = before?.instance === after.instance && before.version === after.version;
  return isSame ? [] : [normal('Serving', `${after.instance} ${after.version} serves`)];
}

function rehearsalEvents(before: Status['rehearsal'], after: Status['rehearsal']): readonly LedgerEvent[] {
  if (after?.expectedWindowSeconds === undefined || before?.finishedAt === after.finishedAt) return [];
  return [normal('Rehearsed', `plan ${after.digest}: a window of ${after.expectedWindowSeconds} s is to be expected`)];
}

function awaitingEvents(before: string | undefined, after: string | undefined): readonly LedgerEvent[] {
  return after === undefined || before === after ? [] : [warning('AwaitingApproval', after)];
}
