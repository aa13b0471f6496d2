import { pathOfBlue, pathOfGreen, pathOfRehearsal } from '../lifecycle/repository-paths.ts';
import { LABEL } from '../plan/labels.ts';
import { stepRequest, type Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { StepInstance } from '../plan/step-request.ts';
import type { Part, Role } from './part.ts';
import { clusterData } from './postgres-cluster.ts';

/** An instance's PostgresCluster; green's and the rehearsal's are clones of blue. */
export function clusterPart(plan: Plan, step: Step, instance: StepInstance, role: Role): Part {
  const { spec } = plan.lifecycle;
  const isClone = role !== 'blue';
  const source = isClone ? { cluster: plan.blue.cluster, restorePoint: stepRequest(plan).restorePoint } : undefined;
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
  };
}

type PathOf = Parameters<typeof clusterData>[1]['pathOf'];

function pathsFor({ lifecycle: { spec } }: Plan, { name }: StepInstance, role: Role): PathOf {
  const { blue, green = {} } = spec;
  return (repository) => {
    if (role === 'blue') return pathOfBlue(repository, blue);
    return role === 'green' ? pathOfGreen(repository, green) : pathOfRehearsal(repository, green, name);
  };
}
