import type { Decision, StepRecord } from '../../../lifecycle/status.ts';
import { secondsBetween } from '../decide.ts';

/**
 * The window's parts in seconds, in order: fence (until the locks), archive, clone (until verify began), verify,
 * migrate, application (until smoke began), smoke, commit (until the compare-and-swap), flip, drain (until blue's
 * application had ended and green took writes), and what is left between them: Argo CD's waves.
 */
export function windowParts(decision: Decision, steps: readonly StepRecord[]): Record<string, number> {
  const { fence, committedAt, flipped, greenOpened, windowSeconds = 0, digest } = decision;
  const of = (name: string): StepRecord | undefined =>
    steps.find((record) => record.digest === digest && record.step === name);
  const [verify, migrate, smoke, commit] = [of('verify'), of('migrate'), of('smoke'), of('commit')];
  const parts: Record<string, number> = {};
  const add = (name: string, from: string | undefined, to: string | undefined): void => {
    if (from === undefined || to === undefined) return;
    // What is restored beside stands before the fence.
    if (to >= (decision.fencedAt ?? '')) parts[name] = Math.max(0, secondsBetween(from, to));
  };
  add('fence', decision.fencedAt, fence?.lockedAt);
  add('archive', fence?.lockedAt, fence?.archivedAt);
  add('clone', fence?.archivedAt, verify?.startedAt);
  add('verify', verify?.startedAt, verify?.finishedAt);
  add('migrate', migrate?.startedAt, migrate?.finishedAt);
  add('application', (migrate ?? verify)?.finishedAt, smoke?.startedAt);
  add('smoke', smoke?.startedAt, smoke?.finishedAt);
  add('commit', commit?.startedAt, committedAt);
  add('flip', committedAt, flipped);
  add('drain', flipped, greenOpened);
  const known = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  return { ...parts, waves: Math.max(0, Math.round((windowSeconds - known) * 1000) / 1000) };
}
