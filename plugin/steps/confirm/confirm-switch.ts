import { textOf } from '../../errors/text-of.ts';
import type { Decision } from '../../lifecycle/status.ts';
import { ANNOTATION, instanceSelector } from '../../plan/labels.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { takeBackup, type Patience } from '../backup/backup.ts';
import type { BlueContent } from './blue-content.ts';
import { decisionOf, isComplete, noteDecision } from '../ledger/decision.ts';
import { instanceProblems } from '../operator/cluster-health.ts';
import { expectAnswer } from '../application/expect-answer.ts';
import type { HttpGet } from '../ports/http.ts';
import { recordedOnce } from '../ledger/recorded.ts';
import { scaleApplication, waitForEndpoints } from '../application/scale-application.ts';
import { forgetServing, recordServing } from '../ledger/serving.ts';
import { recordOf } from '../ledger/step-records.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

export const DAY = 24 * 3600;
/**
 * After the decision nothing that only takes long is a failure: green's first full backup starts by itself, and its replicas
 * are base backups. The Job's deadline is above the sum.
 */
export const PATIENCE: Patience = { turn: DAY, start: DAY, run: 2 * DAY };

/** Makes Service and servers what the decision says, where they are not. */
export type Stand = (context: StepContext) => Promise<unknown>;

/** After the commit: clients reach green and nothing else, it is on record as what serves, and it has a backup. */
export function createConfirmSwitch(get: HttpGet, content: BlueContent, stand: Stand): RunStep {
  return async (context): Promise<Evidence> => {
    const { blue, green = refuse('request-invalid', 'a switch without green'), traffic } = context.request;
    const decision = await committed(context);
    await standAsDecided(context, stand);
    const replicas = await scaleApplication(context, green, { seconds: DAY });
    await waitForEndpoints(context, traffic.service, green, replicas, DAY);
    await waitUntilDrained(context, blue);
    await expectAnswer(context, get, traffic.service);
    await recordServing(context, green);
    await forgetServing(context, blue);
    const backup = await backupOfGreen(context, green);
    await countLostWrites(context, content);
    await waitForReplicas(context, green);
    // All that took its time: somebody may have been at the servers meanwhile, and have written.
    await standAsDecided(context, stand);
    const lostWrites = await countLostWrites(context, content);
    const { windowSeconds } = decision;
    await context.ledger.update(({ status }) => ({ ...status, phase: 'Confirmed' }));
    return {
      serving: green.name,
      version: green.version,
      replicas,
      ...(windowSeconds === undefined ? {} : { windowSeconds }),
      lostWrites,
      backup: String(backup['id']),
      backupSeconds: Number(backup['seconds']),
    };
  };
}

/** This plan's decision, Committed with all its consequences: a commit that died half-way is rolled forward by others. */
async function committed(context: StepContext): Promise<Decision> {
  const { ledger, request } = context;
  return waitFor(context, { what: 'the commit', timeoutSeconds: DAY }, async () => {
    const decision = decisionOf((await ledger.read()).status, request.digest);
    if (decision?.state !== 'Committed') {
      return refuse('step-out-of-order', `the decision of this plan is ${decision?.state ?? 'not there'}`);
    }
    return isComplete(decision) ? found(decision) : seen('committed, blue is not closed yet');
  });
}

/** A server that does not answer at the moment is waited for. */
async function standAsDecided(context: StepContext, stand: Stand): Promise<void> {
  await waitFor(context, { what: 'servers as decided', timeoutSeconds: DAY, everySeconds: 5 }, () =>
    stand(context).then(
      () => found(undefined),
      (error: unknown) => seen(textOf(error)),
    ),
  );
}

/**
 * What was written to blue after the restore point, by whomever, is not on green. Whoever closed blue has looked, each time;
 * where that proved nothing and verify has read blue whole, it is read again, at leisure. What nobody can prove somebody has
 * to look at, and says so in the file.
 * @returns 0, or why it is not known, where that was accepted.
 * @throws LifecycleError `lost-writes`
 */
async function countLostWrites(context: StepContext, content: BlueContent): Promise<number | string> {
  const { ledger, request } = context;
  const { blue, digest } = request;
  const { annotations, status } = await ledger.read();
  const { lostWrites, blueWrites = 'nobody looked when it was closed' } = decisionOf(status, digest) ?? {};
  if (lostWrites === 0) return 0;
  const verified = recordOf(status, digest, 'verify')?.evidence?.['content'];
  if (verified !== undefined && verified === (await content(context))) {
    await ledger.update(({ status }) => noteDecision(status, digest, ['Committed'], { lostWrites: 0 }));
    return 0;
  }
  const differs = verified === undefined ? '' : ', and it holds other rows than at the restore point';
  const unknown = `${blue.name}: ${blueWrites}${differs}`;
  if (annotations[ANNOTATION.acceptLostWrites] === digest) return `accepted: ${unknown}`;
  return refuse('lost-writes', `${unknown} (plan ${digest})`);
}

/** A selector's change does not cut connections that are kept alive: only the end of blue's pods does. */
async function waitUntilDrained(context: StepContext, blue: StepInstance): Promise<void> {
  const { cluster, request } = context;
  await waitFor(context, { what: `end of ${blue.name}'s pods`, timeoutSeconds: DAY }, async () => {
    const pods = await cluster.pods(instanceSelector(request.lifecycle, blue.name));
    return pods.length === 0 ? found(undefined) : seen(`${pods.length} are still there`);
  });
}

/** In the window only green's primary counted (argocd/health); the operator makes the others when that one has a backup. */
async function waitForReplicas(context: StepContext, { cluster: name }: StepInstance): Promise<void> {
  await waitFor(context, { what: `instances of ${name}`, timeoutSeconds: DAY }, async () => {
    const view = await context.cluster.postgresCluster(name);
    const problems = view === undefined ? [`there is no PostgresCluster ${name}`] : instanceProblems(view);
    return problems.length === 0 ? found(undefined) : seen(problems.join('; '));
  });
}

/** Under a record of its own: a later backup on demand makes the operator forget this id, and it would run again. */
function backupOfGreen(context: StepContext, green: StepInstance): Promise<Evidence> {
  return recordedOnce(context, 'backup-green', () =>
    takeBackup(context, green.cluster, `lifecycle-${context.request.digest}-green`, PATIENCE),
  );
}
