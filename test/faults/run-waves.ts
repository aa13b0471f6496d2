import { createSmoke } from '../../plugin/steps/application/smoke.ts';
import { smokeCanary } from '../../plugin/steps/application/smoke-canary.ts';
import { verify } from '../../plugin/steps/clone/verify.ts';
import type { StepContext } from '../../plugin/steps/ports/step.ts';
import { runStep, runUnrecorded, type Outcome } from '../../plugin/steps/run/runner.ts';
import { GREEN } from '../../plugin/steps/testing/world.ts';
import { instanceSelector } from '../../plugin/plan/labels.ts';
import { migrating, recorded } from '../lab/postgres/migration.ts';
import { refusal } from '../lab/postgres/refusal.ts';
import type { StepName } from './fault.ts';
import type { Processes } from './processes.ts';
import type { Running } from './run-case.ts';

/** Of the migration's Job while its pod is there. */
const JOB = 'bestie2-migrate';
/** What the application's release changes; nothing that a client of before notices. */
const MIGRATION = ['ALTER TABLE t1 ADD COLUMN migrated boolean'];
const smoke = createSmoke(() => Promise.resolve(200), smokeCanary);

/** The waves between the clone and the commit, each in a process of its own, until one fails. @returns whether all went well. */
export async function runWaves(running: Running, processes: Processes): Promise<boolean> {
  const { namespace, request } = running.it;
  const context = (step: StepName): StepContext => running.it.context(processes.context(step));
  // A Deployment is applied with its own wave.
  await namespace.scaleDeployment(GREEN.application, 0);
  if (!wentWell(await runStep(context('verify'), 'verify', verify))) return false;
  if (!(await runMigration(running, context('migrate')))) return false;
  await namespace.scaleDeployment(GREEN.application, 1);
  await namespace.setServiceSelector(GREEN.service, instanceSelector(request.lifecycle, GREEN.name));
  return wentWell(await runStep(context('smoke'), 'smoke', smoke));
}

const wentWell = ({ exit }: Outcome): boolean => exit === 0;

/** The three containers of the migration's pod, one after the other. */
async function runMigration({ it, green }: Running, context: StepContext): Promise<boolean> {
  it.namespace.migrations.add(JOB);
  try {
    return (
      wentWell(await runUnrecorded(context, migrating)) &&
      green !== undefined &&
      (await refusal(green, 'bestie', MIGRATION)) === 'accepted' &&
      wentWell(await runUnrecorded(context, recorded))
    );
  } finally {
    it.namespace.migrations.delete(JOB);
  }
}
