import { accessRules } from '../plan/access.ts';
import { ANNOTATION, LABEL } from '../plan/labels.ts';
import type { Plan } from '../plan/plan.ts';
import type { StepCommand } from '../plan/steps.ts';
import type { Builder, Part } from './part.ts';

/** What runs for a plan; with kind Bestie also the assertion that its operator waits for. */
function commandsOf({ steps, lifecycle }: Plan): readonly StepCommand[] {
  const commands = steps.map(({ command }) => command).filter((command) => command !== undefined);
  return lifecycle.spec.application.kind === 'Bestie' ? [...commands, 'migrated'] : commands;
}

/** They end a window, also when their plan is rendered no more: what they may do outlives it. */
const WINDOW: readonly StepCommand[] = ['keeper', 'commit', 'abort'];

/** What a command may do; a window's names its green, so that a plan for another green takes no right from its keeper. */
function roleName({ green }: Plan, account: string, command: StepCommand): string {
  return green && WINDOW.includes(command) ? `${account}-${green.name}` : account;
}

/** One ServiceAccount, Role and RoleBinding a command, and the Lifecycle itself. */
export const access: Builder = (plan, step) => {
  const { metadata, spec } = plan.lifecycle;
  const accounts = commandsOf(plan).flatMap((command): Part[] => {
    const account = `${metadata.name}-${command}`;
    const name = roleName(plan, account, command);
    const kept = WINDOW.includes(command);
    return [
      { template: 'serviceaccount', step, data: { name: account }, kept },
      { template: 'role', step, data: { name, rules: accessRules(plan, command) }, kept },
      { template: 'rolebinding', step, data: { name, account }, kept },
    ];
  });
  const awaiting = plan.awaiting === undefined ? {} : { [ANNOTATION.awaitingApproval]: plan.awaiting };
  const annotations = { ...metadata.annotations, ...awaiting };
  const own = { name: metadata.name, labels: metadata.labels ?? {}, annotations, spec };
  return [
    ...accounts,
    // The digest makes a commit that changes nothing but hooks visible in Argo CD's diff: hooks alone never start a sync.
    { template: 'lifecycle', step, data: own, labels: { [LABEL.digest]: plan.digest } },
  ];
};
