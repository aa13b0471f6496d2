import { abort } from '../fence/abort/abort.ts';
import { backup } from '../backup/backup.ts';
import { blueContent } from '../confirm/blue-content.ts';
import { commit } from '../fence/commit/commit.ts';
import { rollForward } from '../fence/commit/roll-forward.ts';
import { createConfirm } from '../confirm/confirm.ts';
import { httpGet } from '../ports/http.ts';
import { runKeeper } from '../fence/keeper/keeper.ts';
import { closeGreenAfterMigration, openGreenToMigration } from '../migrate/green.ts';
import { createMigrateGuard, LAUNCHER } from '../migrate/migrate-guard.ts';
import { createMigrateRecord } from '../migrate/migrate-record.ts';
import { createMigrated } from '../migrate/migrated.ts';
import { databaseGuards } from '../preflight/database-guards.ts';
import { finishWindow } from '../preflight/finish-window.ts';
import { createPreflight } from '../preflight/preflight.ts';
import { createPreflightOfRestore } from '../preflight/preflight-restore.ts';
import { awaitClone } from '../beside/await-clone.ts';
import { makeClone } from '../beside/make-clone.ts';
import { verifyBeside } from '../beside/verify-beside.ts';
import { createOpenWindow } from '../preflight/open-window.ts';
import { preflightLost } from '../preflight/preflight-lost.ts';
import { finishPromotion, promote } from '../preflight/promote.ts';
import { createPreflightBeside } from '../preflight/preflight-beside.ts';
import type { PlanKind } from '../../plan/steps.ts';
import { backupBefore } from '../restore/backup-before.ts';
import { guard, waitForLedger } from '../preflight/guard.ts';
import { pause } from '../restore/pause.ts';
import { restoreInPlace } from '../restore/restore-in-place.ts';
import { resume } from '../restore/resume.ts';
import { verifyRestored } from '../restore/verify-restored.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { serveReadiness } from './readiness.ts';
import { restorePoint } from '../clone/restore-point.ts';
import { runStep, runUnrecorded, type Outcome } from './runner.ts';
import { smokeCanary } from '../application/smoke-canary.ts';
import { createSmoke } from '../application/smoke.ts';
import type { RunStep, StepContext } from '../ports/step.ts';
import { verify } from '../clone/verify.ts';
import { waitForLogin } from '../database/wait-for-login.ts';

/** A subcommand of `lifecycle-step`. */
export interface StepProgram {
  readonly name: string;
  readonly summary: string;
  run(context: StepContext, instance: string | undefined): Promise<Outcome>;
}

/** kubelet's probe of the keeper; manifests/keeper.hbs names it, too. */
const READINESS_PORT = 8080;

export const STEP_PROGRAMS: readonly StepProgram[] = [
  {
    name: 'preflight',
    summary:
      'finish what another window left; check every guard; clear away green of an aborted attempt; open the decision',
    run: (context) => runStep(context, 'preflight', PREFLIGHT[context.request.plan] ?? preflight),
  },
  {
    name: 'backup',
    summary: "ask for the plan's backup and wait for its end",
    run: (context) => runStep(context, 'backup', isRestore(context) ? backupBefore : backup),
  },
  {
    name: 'restore-point',
    summary: "make a named restore point in blue's WAL and wait until it is archived",
    run: (context) => runStep(context, 'restore-point', restorePoint),
  },
  {
    name: 'keeper',
    summary: 'hold the fence until the decision is final; runs until it is asked to end',
    run: keeper,
  },
  {
    name: 'verify',
    summary: 'prove that the clone is what blue was at the restore point',
    run: (context) => runStep(context, 'verify', VERIFY[context.request.plan] ?? verify),
  },
  {
    name: 'migrate-guard',
    summary: 'record the migration as started, once',
    run: (context) =>
      runUnrecorded(context, createMigrateGuard(LAUNCHER, { waitForLogin, openGreen: openGreenToMigration })),
  },
  {
    name: 'migrate-record',
    summary: 'record the migration as done',
    run: (context) => runUnrecorded(context, createMigrateRecord(closeGreenAfterMigration)),
  },
  {
    name: 'migrated',
    summary: "wait until an instance's migration is on record",
    run: (context, instance) => runUnrecorded(context, createMigrated(instance)),
  },
  {
    name: 'smoke',
    summary: "scale green, ask it over HTTP, write as the application's role",
    run: (context) => runStep(context, 'smoke', createSmoke(httpGet, smokeCanary)),
  },
  {
    name: 'commit',
    summary: 'decide for green: flip the Service, open green, close blue',
    run: (context) => runStep(context, 'commit', commit),
  },
  {
    name: 'confirm',
    summary: 'see what serves, and record it',
    run: (context) => runStep(context, 'confirm', createConfirm(httpGet, blueContent, rollForward)),
  },
  {
    name: 'abort',
    summary: 'undo a switch that is not committed: close green, open blue again',
    run: (context) => runStep(context, 'abort', context.request.plan === 'Recover' ? finishPromotion : abort),
  },
  {
    name: 'pause',
    summary: 'before a restore: clients off, the database closed, a restore point to come back to',
    run: (context) => runStep(context, 'pause', pause),
  },
  {
    name: 'restore',
    summary: 'restore over the database, once',
    run: (context) => runStep(context, 'restore', restore),
  },
  {
    name: 'resume',
    summary: 'undo a pause whose restore has not begun',
    run: (context) => runStep(context, 'resume', resume),
  },
  {
    name: 'clone',
    summary: 'make the database of a restore beside, once',
    run: (context) => runStep(context, 'clone', makeClone),
  },
  {
    name: 'cloned',
    summary: 'wait until the database of a restore beside is cloned',
    run: (context) => runStep(context, 'cloned', awaitClone),
  },
  {
    name: 'open-window',
    summary: 'before a switch to what was restored beside: check every guard; open the decision',
    run: (context) => runStep(context, 'open-window', openWindow),
  },
  {
    name: 'promote',
    summary: 'decide for what was restored where the database is gone: open it, lead clients to it',
    run: (context) => runStep(context, 'promote', promote),
  },
  {
    name: 'guard',
    summary: 'before anything else: no restore is under way',
    run: async (context) => {
      await waitForLedger(context);
      return runStep(context, 'guard', guard);
    },
  },
];

const isRestore = ({ request }: StepContext): boolean => request.plan === 'Restore';
const preflight = createPreflight(databaseGuards, finishWindow);
const PREFLIGHT: Partial<Record<PlanKind, RunStep>> = {
  Restore: createPreflightOfRestore(finishWindow),
  RestoreBeside: createPreflightBeside(finishWindow),
  SwitchRestored: createPreflightBeside(finishWindow),
  Recover: preflightLost,
};
const openWindow = createOpenWindow(databaseGuards, finishWindow);
const restore: RunStep = (context) =>
  restoreInPlace(context, context.request.blue.cluster, wantedRestore(context.request));
const VERIFY: Partial<Record<PlanKind, RunStep>> = {
  Restore: (context) => verifyRestored(context, wantedRestore(context.request).id),
  RestoreBeside: verifyBeside,
  SwitchRestored: verifyBeside,
  Recover: verifyBeside,
};

async function keeper(context: StepContext): Promise<Outcome> {
  const server = await serveReadiness(READINESS_PORT);
  try {
    return await runUnrecorded(context, async () => {
      await runKeeper(context, server.readiness);
      return { keeper: 'ended' };
    });
  } finally {
    await server.close();
  }
}
