import type { StepRequest } from '../../plan/step-request.ts';
import type { Target } from '../../restorable/choose.ts';
import { parseMoment } from '../../restorable/moment.ts';
import { refuse } from '../ports/step.ts';

/** What a file asks for. */
export interface WantedRestore {
  readonly id: string;
  readonly repository: string;
  readonly target: Target;
  /** The target in words, as the file has it. */
  readonly text: string;
}

/** @throws LifecycleError request-invalid: the rules of the file let exactly one target through. */
export function wantedRestore({ restore }: StepRequest): WantedRestore {
  if (!restore) return refuse('request-invalid', 'the request names no restore');
  const { id, repository, target } = restore;
  const [words = []] = Object.entries(target).map(([kind, value]) => (value === true ? [kind] : [kind, String(value)]));
  return {
    id,
    repository,
    target: targetOf(target),
    text: words.join(' '),
  };
}

function targetOf({ time, backup, undo }: NonNullable<StepRequest['restore']>['target']): Target {
  if (time !== undefined) return { time: parseMoment(time) };
  if (backup !== undefined) return { backup };
  return undo === undefined ? { latest: true } : { undo };
}
