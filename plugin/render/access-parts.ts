import { accessRules } from '../plan/access.ts';
import { LABEL } from '../plan/labels.ts';
import type { Plan } from '../plan/plan.ts';
import type { StepCommand } from '../plan/steps.ts';
import type { Builder, Part } from './part.ts';

/** What runs for a plan; with kind Bestie also the assertion that its operator waits for. */
function commandsOf({ steps, lifecycle }: Plan): readonly StepCommand[] {
  const commands = steps.map(({ command }) => command).filter((command) => command !== undefined);
  return lifecycle.spec.application.kind === 'Bestie' ? [...commands, 'migrated'] : commands;
}

/** One ServiceAccount, Role and RoleBinding a command, and the Lifecycle itself. */
export const access: Builder = (plan, step) => {
  const { metadata, spec } = plan.lifecycle;
  const accounts = commandsOf(plan).flatMap((command): Part[] => {
    const name = `${metadata.name}-${command}`;
    return [
      { template: 'serviceaccount', step, data: { name } },
      { template: 'role', step, data: { name, rules: accessRules(plan, command) } },
      { template: 'rolebinding', step, data: { name } },
    ];
  });
  const own = { name: metadata.name, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {}, spec };
  return [
    ...accounts,
    // The digest makes a commit that changes nothing but hooks visible in Argo CD's diff: hooks alone never start a sync.
    { template: 'lifecycle', step, data: own, labels: { [LABEL.digest]: plan.digest } },
  ];
};
