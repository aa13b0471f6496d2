import { pathOfBlue, pathOfGreen, pathOfRehearsal, pathOfRestored } from '../lifecycle/repository-paths.ts';
import { LABEL } from '../plan/labels.ts';
import { stepRequest, type Plan } from '../plan/plan.ts';
import { movesTraffic, type Step } from '../plan/steps.ts';
import type { StepInstance } from '../plan/step-request.ts';
import type { Part, Role } from './part.ts';
import { cloudSource, clusterData } from './postgres-cluster.ts';

/**
 * An instance's PostgresCluster; green's and the rehearsal's are clones of blue. One that is restored beside is made by a step, which
 * knows its source: what is rendered has none, and would be an empty one, which the policy refuses to make.
 */
export function clusterPart(plan: Plan, step: Step, instance: StepInstance, role: Role): Part {
  const { spec } = plan.lifecycle;
  const isClone = role !== 'blue';
  const source =
    isClone && role !== 'restored'
      ? { cluster: plan.blue.cluster, restorePoint: stepRequest(plan).restorePoint }
      : undefined;
  // databaseInitSQL would run again on a clone that has blue's data already.
  const patch = isClone ? { ...spec.database.spec, databaseInitSQL: null } : spec.database.spec;
  return {
    template: 'postgrescluster',
    step,
    data: clusterData(spec, {
      instance,
      pathOf: pathsFor(plan, instance, role),
      ...(source ? { source } : {}),
    }),
    patches: [{ at: ['spec'], with: patch }],
    labels: {
      [LABEL.instance]: instance.name,
      [LABEL.role]: role,
      ...(isClone ? { [LABEL.digest]: plan.digest } : {}),
    },
    // Until it is to serve it goes when the file drops it.
    ...(role === 'restored' && movesTraffic(plan.kind) && { kept: true }),
  };
}

/**
 * The same, for the step that makes it: where its source is lost it reads the source's repository itself, and writes one of its own (I8).
 * How the target is reached the step knows.
 */
export function clonePart(plan: Plan, step: Step, instance: StepInstance): Part {
  const part = clusterPart(plan, step, instance, 'restored');
  const { backup, blue, restore } = plan.lifecycle.spec;
  const repository = backup.repositories.find(({ name }) => name === restore?.repository);
  if (plan.kind !== 'Recover' || !repository) return part;
  const source = { pgbackrest: cloudSource(repository, pathOfBlue(repository, blue)) };
  return { ...part, patches: [...(part.patches ?? []), { at: ['spec', 'dataSource'], with: source }] };
}

type PathOf = Parameters<typeof clusterData>[1]['pathOf'];

function pathsFor({ lifecycle: { metadata, spec } }: Plan, { name }: StepInstance, role: Role): PathOf {
  const { blue, green = {}, restore = {} } = spec;
  return (repository) => {
    if (role === 'blue') return pathOfBlue(repository, blue);
    if (role === 'restored') return pathOfRestored(repository, restore, metadata.name);
    return role === 'green' ? pathOfGreen(repository, green) : pathOfRehearsal(repository, green, name);
  };
}
