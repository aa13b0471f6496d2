import { textOf } from '../../errors/text-of.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { connect } from '../../postgres/connect.ts';
import { withSession } from '../../postgres/session.ts';
import { credentialsOf, programName } from './sessions.ts';
import type { StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

const TIMEOUT_SECONDS = 120;

/** Waits until a role of an instance can log in with the password of its Secret. */
export type WaitForLogin = (
  context: StepContext,
  instance: StepInstance,
  credential: 'superuser' | 'user',
  /** Told of every try that failed. */
  onRefusal?: (error: unknown) => Promise<void>,
) => Promise<void>;

/**
 * A PostgresCluster is healthy as soon as its instances are, and the operator writes roles and passwords only then: a
 * clone has those of its source for some seconds, a new database has no role of the application at all.
 * @throws LifecycleError `not-in-time` with what the last try was told.
 */
export const waitForLogin: WaitForLogin = async (context, instance, credential, onRefusal) => {
  const options = { ...credentialsOf(context, instance, credential), applicationName: programName(context, 'login') };
  await waitFor(context, { what: `login to ${instance.name}`, timeoutSeconds: TIMEOUT_SECONDS }, async () => {
    try {
      await withSession(connect(options), (session) => session.query('SELECT 1'));
      return found(undefined);
    } catch (error) {
      await onRefusal?.(error);
      return seen(textOf(error));
    }
  });
};
