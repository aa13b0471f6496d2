import type { ErrorCode } from '../../errors/errors.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { restoreLog } from '../operator/restore-log.ts';
import type { BegunRestore } from './restore-progress.ts';

const RUN_SECONDS = 24 * 3600;
/** One that recovers does so early: it may fail once while the old server still holds its volume. */
const FAILING_SECONDS = 120;

interface RestoreWait {
  readonly what: string;
  /** Whose Job restores. */
  readonly cluster: string;
  readonly code: ErrorCode;
}

/**
 * Waits until the operator has restored. It tries a failing one again for ever: that is given up here.
 * @throws LifecycleError `code` when it has failed
 */
export async function waitForRestore(
  context: StepContext,
  { what, cluster, code }: RestoreWait,
  look: () => Promise<BegunRestore>,
): Promise<void> {
  // Why it failed says only the log of its Job.
  const giveUp = async (text: string): Promise<never> => refuse(code, `${text}${await restoreLog(context, cluster)}`);
  let failingSince: number | undefined;
  await waitFor(context, { what, timeoutSeconds: RUN_SECONDS }, async () => {
    const is = await look();
    if (is.state === 'succeeded') return found(undefined);
    if (is.state === 'failed') return giveUp(is.text);
    const now = context.clock.now().getTime();
    // A try that runs may be the one that succeeds, however many have failed before.
    failingSince = is.failures > 0 && !is.trying ? (failingSince ?? now) : undefined;
    if (failingSince !== undefined && now - failingSince >= FAILING_SECONDS * 1000) {
      return giveUp(`${is.text}; given up after ${FAILING_SECONDS} s of failures`);
    }
    return seen(is.text);
  });
}
