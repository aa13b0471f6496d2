import type { RoleSettings } from '../../lifecycle/status.ts';
import { serverProblems } from '../../postgres/guards/guards.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import type { BlueConnections } from './connections.ts';

/**
 * Preflight's guards once more, under the locks: what was true minutes ago is no guard (an unlogged table that was empty
 * then has rows that no clone carries).
 * @param roles as they were before the fence. @throws LifecycleError `guard-failed`
 */
export async function checkGuards(
  { request }: StepContext,
  { helper, open }: BlueConnections,
  roles: readonly RoleSettings[],
): Promise<void> {
  const problems = await serverProblems({ session: helper, open, request, roles });
  if (problems.length > 0) refuse('guard-failed', problems.join('; '));
}
