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
import { backupBefore } from '../restore/backup-before.ts';
import { guardRest, waitForLedger } from '../restore/guard-rest.ts';
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
    run: (context) => runStep(context, 'preflight', isRestore(context) ? preflightOfRestore : preflight),
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
    run: (context) => runStep(context, 'verify', isRestore(context) ? verifyRestore : verify),
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
    run: (context) => runStep(context, 'abort', abort),
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
    name: 'guard',
    summary: 'before anything else: no restore is under way',
    run: async (context) => {
      await waitForLedger(context);
      return runStep(context, 'guard', guardRest);
    },
  },
];

const isRestore = ({ request }: StepContext): boolean => request.plan === 'Restore';
const preflight = createPreflight(databaseGuards, finishWindow);
const preflightOfRestore = createPreflightOfRestore(finishWindow);
const restore: RunStep = (context) =>
  restoreInPlace(context, context.request.blue.cluster, wantedRestore(context.request));
const verifyRestore: RunStep = (context) => verifyRestored(context, wantedRestore(context.request).id);

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
