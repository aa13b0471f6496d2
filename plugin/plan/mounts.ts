import { switchedTo, type Plan } from './plan.ts';
import { certificateSecret, userSecret } from './names.ts';
import type { StepInstance } from './step-request.ts';
import { decides, type PlanKind, type StepCommand } from './steps.ts';

/** Secrets are mounted below it; ./step-request.ts says how. */
export const SECRETS_ROOT = '/etc/lifecycle';

/** A Secret that a step's pod mounts, as files, read-only. */
export interface SecretMount {
  readonly secret: string;
  readonly path: string;
  /** Only these keys; all when absent. */
  readonly keys?: readonly string[];
  /** The Secret may come later, or never. */
  readonly optional: boolean;
}

type Side = 'blue' | 'green';
type Credential = 'superuser' | 'user';

/** Who sees which credentials (I10): the superuser's only where the fence, the comparison or the guards need it. */
const NEEDS: Readonly<Record<StepCommand, readonly (readonly [Side, Credential])[]>> = {
  // It finishes what a window left, of another attempt too (ADR 19).
  preflight: [
    ['blue', 'superuser'],
    ['green', 'superuser'],
  ],
  backup: [],
  'restore-point': [['blue', 'superuser']],
  keeper: [
    ['blue', 'superuser'],
    ['blue', 'user'],
    ['green', 'superuser'],
  ],
  verify: [
    ['blue', 'superuser'],
    ['green', 'superuser'],
    ['green', 'user'],
  ],
  migrate: [],
  migrated: [],
  smoke: [['green', 'user']],
  commit: [
    ['blue', 'superuser'],
    ['green', 'superuser'],
    ['green', 'user'],
  ],
  confirm: [],
  abort: [
    ['blue', 'superuser'],
    ['green', 'superuser'],
  ],
  pause: [['blue', 'superuser']],
  restore: [],
  resume: [['blue', 'superuser']],
  guard: [],
  clone: [],
  cloned: [],
  promote: [
    ['green', 'superuser'],
    ['green', 'user'],
  ],
  'open-window': [
    ['blue', 'superuser'],
    ['green', 'superuser'],
  ],
};

/** A restore in place has no green: what it looks at is blue. */
const IN_PLACE: Partial<typeof NEEDS> = {
  verify: [
    ['blue', 'superuser'],
    ['blue', 'user'],
  ],
  smoke: [['blue', 'user']],
};

const MIGRATES_GREEN: readonly (readonly [Side, Credential])[] = [
  ['green', 'user'],
  ['green', 'superuser'],
];

/** Steps that may run while green, and so its Secret, does not exist. */
const GREEN_MAY_BE_ABSENT: readonly StepCommand[] = ['preflight', 'keeper', 'abort'];

/**
 * Steps of a restore in place that may run where its database, and so its Secret, does not exist, as in a namespace that was made again:
 * what the ledger says, or does not say, comes before what the database is asked.
 */
const RESTORED_MAY_BE_ABSENT: readonly StepCommand[] = ['preflight', 'pause', 'resume'];

function mayBeAbsent(kind: PlanKind, command: StepCommand, side: Side): boolean {
  if (side === 'green') return GREEN_MAY_BE_ABSENT.includes(command);
  return kind === 'Restore' && RESTORED_MAY_BE_ABSENT.includes(command);
}

/** Nothing of what serves is looked at. */
const BESIDE: Partial<typeof NEEDS> = {
  verify: [
    ['green', 'superuser'],
    ['green', 'user'],
  ],
};

/** There is no blue. */
const LOST: Partial<typeof NEEDS> = {
  ...BESIDE,
  preflight: [],
  abort: [
    ['green', 'superuser'],
    ['green', 'user'],
  ],
};

const OWN: Partial<Record<PlanKind, Partial<typeof NEEDS>>> = {
  Restore: IN_PLACE,
  RestoreBeside: BESIDE,
  SwitchRestored: BESIDE,
  Recover: LOST,
};

function needsOf(kind: PlanKind, command: StepCommand): (typeof NEEDS)[StepCommand] {
  return OWN[kind]?.[command] ?? NEEDS[command];
}

export function secretMounts(plan: Plan, command: StepCommand): readonly SecretMount[] {
  const needs: (readonly [Side, Credential])[] = [...needsOf(plan.kind, command)];
  // Guard and record open green to the migration and close it again; the migration itself sees nothing of it.
  if (command === 'migrate') needs.push(...(plan.green ? MIGRATES_GREEN : ([['blue', 'user']] as const)));
  // Blue's content is read once more after the switch; both are made what the decision says, where they are not.
  if (command === 'confirm' && decides(plan.kind)) needs.push(['blue', 'superuser'], ['green', 'superuser']);
  // A rehearsal's clone is opened by its smoke step; a switch's green only by commit.
  if (command === 'smoke' && plan.kind === 'Prepare') needs.push(['green', 'superuser']);
  const instances: Readonly<Record<Side, StepInstance | undefined>> = {
    blue: plan.blue,
    green: command === 'preflight' ? switchedTo(plan) : plan.green,
  };
  const user = plan.lifecycle.spec.database.user;
  const mounts = needs.flatMap(([side, credential]): SecretMount[] => {
    const instance = instances[side];
    if (!instance) return [];
    const optional = mayBeAbsent(plan.kind, command, side);
    const secret = userSecret(instance.cluster, credential === 'superuser' ? 'postgres' : user);
    return [{ secret, path: `${SECRETS_ROOT}/${instance.name}/${credential}`, optional }];
  });
  const sides = [...new Set(needs.map(([side]) => side))];
  for (const side of sides) {
    const instance = instances[side];
    if (!instance) continue;
    const optional = mayBeAbsent(plan.kind, command, side);
    const path = `${SECRETS_ROOT}/${instance.name}/ca`;
    mounts.push({ secret: certificateSecret(instance.cluster), path, keys: ['ca.crt'], optional });
  }
  return mounts;
}
