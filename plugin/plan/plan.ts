import type { Lifecycle, LifecycleSpec } from '../lifecycle/model.ts';
import { digestOf } from './digest.ts';
import { instanceObjects, rehearsalName } from './names.ts';
import { isBeside, movesTraffic, STEPS, type PlanKind, type Step } from './steps.ts';
import type { PlanApproval, StepInstance, StepRequest } from './step-request.ts';

/** What one lifecycle file asks for: a pure value. */
export interface Plan {
  readonly kind: PlanKind;
  /** Over what the plan does, not over the whole file: 12 hexadecimal characters. */
  readonly digest: string;
  readonly lifecycle: Lifecycle;
  readonly steps: readonly Step[];
  readonly blue: StepInstance;
  /** Switch: green. Prepare: the rehearsal's instance. A restore beside: what it brings. */
  readonly green: StepInstance | undefined;
  /** The instance that the traffic Service is to select in the end. */
  readonly serves: StepInstance;
  /** Of what has to be approved, and is. */
  readonly approval?: PlanApproval;
  /** What the file asks for besides, which nobody has approved: what it is, what an approver signs, and what was wrong with an approval. */
  readonly awaiting?: string;
}

type Restore = NonNullable<LifecycleSpec['restore']>;

function kindOf({ spec: { green, restore } }: Lifecycle): PlanKind {
  if (restore?.sourceLost) return 'Recover';
  if (restore?.mode === 'Clone') return restore.stage === 'Switch' ? 'SwitchRestored' : 'RestoreBeside';
  if (restore) return 'Restore';
  if (!green) return 'AtRest';
  return green.stage === 'Switch' ? 'Switch' : 'Prepare';
}

/** What the plan does: a change here is another plan, whose steps run; a change elsewhere runs nothing again. */
function identity({ metadata, spec }: Lifecycle, kind: PlanKind): unknown {
  const { application, blue, green, restore } = spec;
  return {
    // One digest for both stages of a restore beside: what the first has done the second does not do again.
    kind: isBeside(kind) ? 'Beside' : kind,
    lifecycle: metadata.name,
    image: application.image,
    migrations: application.migrations?.command,
    blue: { name: blue.name, version: blue.version },
    green: green && {
      name: green.name,
      version: green.version,
      strategy: green.strategy,
      attempt: green.attempt,
      ...(green.verify === 'Full' && { verify: green.verify }),
    },
    ...(restore && { restore: isBeside(kind) ? cloneOf(restore) : restore }),
  };
}

const cloneOf = ({ id, repository, target, applicationVersion, name, attempt, sourceLost }: Restore): object => ({
  ...{ id, repository, target, applicationVersion, name, attempt, sourceLost },
});

/** What serves in the end of a restore in place is the version that fits the restored data. */
const blueOf = ({ spec: { blue, restore } }: Lifecycle): StepInstance =>
  instanceObjects({ ...blue, version: (restore?.mode === 'InPlace' && restore.applicationVersion) || blue.version });

/** Switch: green. Prepare: the rehearsal. A restore beside: what it brings. */
function greenOf(
  { spec: { blue, green, restore } }: Lifecycle,
  kind: PlanKind,
  digest: string,
): StepInstance | undefined {
  if (isBeside(kind) && restore?.name !== undefined)
    return instanceObjects({ name: restore.name, version: restore.applicationVersion ?? blue.version });
  if (!green) return undefined;
  if (kind === 'Switch') return instanceObjects(green);
  return instanceObjects({ name: rehearsalName(green.name, digest), version: green.version });
}

export function buildPlan(lifecycle: Lifecycle): Plan {
  const { spec } = lifecycle;
  const kind = kindOf(lifecycle);
  const digest = digestOf(identity(lifecycle, kind));
  const blue = blueOf(lifecycle);
  const green = greenOf(lifecycle, kind, digest);
  const steps = STEPS[kind].filter(
    ({ name }) =>
      (name !== 'migrate' || spec.application.migrations !== undefined) &&
      (name !== 'backup' || kind !== 'AtRest' || spec.backup.onDemand !== undefined),
  );
  return { kind, digest, lifecycle, steps, blue, green, serves: movesTraffic(kind) && green ? green : blue };
}

/** What a switch of the file leads to; in a rehearsal that is not the plan's own. */
export function switchedTo({ kind, lifecycle: { spec }, green }: Plan): StepInstance | undefined {
  return isBeside(kind) ? green : spec.green && instanceObjects(spec.green);
}

/** Of the plan that goes on when a restore is taken out, as `lifecycle next` does. */
function atRestDigest(lifecycle: Lifecycle): string {
  const { restore, ...spec } = lifecycle.spec;
  const blue = { ...spec.blue, version: restore?.applicationVersion ?? spec.blue.version };
  return buildPlan({ ...lifecycle, spec: { ...spec, blue } }).digest;
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** @param duration as the schema allows it: `90s`, `10m`, `1h`. */
export function durationSeconds(duration: string): number {
  return Number(duration.slice(0, -1)) * UNIT_SECONDS[duration.slice(-1) as keyof typeof UNIT_SECONDS];
}

/** The type and repository that `manual` always carries: a function of the file only, so that no plan changes it. */
export function manualBackup({ backup }: Lifecycle['spec']): { readonly repository: string; readonly type: string } {
  if (backup.onDemand) return { repository: backup.onDemand.repository, type: backup.onDemand.type };
  return { repository: backup.repositories[0]?.name ?? 'repo1', type: 'incremental' };
}

/** Absent where nothing is: a file that says nothing renders as before. */
function accepted({ green, restore }: Lifecycle['spec']): Pick<StepRequest, 'accepted'> {
  const { acceptLostSlots: lostSlots, acceptBackgroundWorkers: backgroundWorkers } = green ?? restore ?? {};
  if (lostSlots === undefined && backgroundWorkers === undefined) return {};
  return { accepted: { ...(lostSlots && { lostSlots }), ...(backgroundWorkers && { backgroundWorkers }) } };
}

/** Nothing is cloned in the window of a restore beside. */
const budgetOf = ({ green, restore }: Lifecycle['spec']): string =>
  green?.windowBudget ?? restore?.windowBudget ?? (restore?.mode === 'Clone' ? '2m' : '10m');

/** What every step of the plan is handed. */
export function stepRequest({ kind, digest, lifecycle, blue, green }: Plan): StepRequest {
  const { application, database, traffic, backup, green: greenSpec, restore } = lifecycle.spec;
  return {
    lifecycle: lifecycle.metadata.name,
    plan: kind,
    digest,
    attempt: greenSpec?.attempt ?? restore?.attempt ?? 1,
    blue,
    ...(green ? { green } : {}),
    database: {
      user: database.user,
      databases: [...(database.databases ?? [database.user])],
      postgresVersion: database.postgresVersion,
    },
    ...accepted(lifecycle.spec),
    traffic: { service: traffic.service, port: traffic.port },
    application: {
      port: application.port,
      replicas: application.replicas,
      ...(application.maxReplicas === undefined ? {} : { maxReplicas: application.maxReplicas }),
      readinessPath: application.readinessPath,
      smoke: { path: application.smokeTest.path, expectStatus: application.smokeTest.expectStatus },
    },
    migrations: application.migrations !== undefined,
    backup: {
      id: kind === 'AtRest' ? (backup.onDemand?.id ?? `lifecycle-${digest}`) : `lifecycle-${digest}`,
      ...manualBackup(lifecycle.spec),
    },
    restorePoint: `lifecycle-${digest}`,
    ...(restore && {
      restore: { id: restore.id, repository: restore.repository, target: restore.target },
      ...(kind === 'Restore' && { atRest: atRestDigest(lifecycle) }),
    }),
    ...(greenSpec && { verify: greenSpec.verify }),
    windowBudgetSeconds: durationSeconds(budgetOf(lifecycle.spec)),
  };
}
