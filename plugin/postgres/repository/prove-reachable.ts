import { LifecycleError } from '../../errors/errors.ts';
import { chooseRecovery, type Recovery, type Target } from '../../restorable/choose.ts';
import type { Life } from '../../restorable/life.ts';
import type { RepositoryRecord } from '../../restorable/repository.ts';
import type { Session } from '../session.ts';
import { lastCommit } from './last-commit.ts';

/**
 * @param session superuser, on the primary.
 * @returns how the target is reached.
 * @throws LifecycleError of the group restore-…: it cannot be, or nobody can tell.
 */
export async function proveReachable(
  session: Session,
  target: Target,
  life: Life,
  record: RepositoryRecord,
): Promise<Recovery> {
  const choice = chooseRecovery(target, life, record);
  if (choice.state === 'reachable') return choice.recovery;
  const { code, detail } = choice.refusal;
  if (choice.state === 'if-committed') {
    for (const segment of choice.segments) {
      const commit = await lastCommit(session, record.name, segment);
      if (commit === undefined) continue;
      if (commit > choice.time) return choice.recovery;
      break;
    }
  }
  throw new LifecycleError(code, detail);
}
