import { LifecycleError } from '../../../errors/errors.ts';
import { textOf } from '../../../errors/text-of.ts';
import { ANNOTATION, LABEL } from '../../../plan/labels.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { endSessions } from '../../../postgres/end-sessions.ts';
import { serverIdentity } from '../../../postgres/identity.ts';
import { denyLogin, readRoleSettings, roleNames } from '../../../postgres/roles.ts';
import { withSession } from '../../../postgres/session.ts';
import { waitFor, within } from '../../../postgres/wait.ts';
import type { PostgresClusterView } from '../../ports/ports.ts';
import type { StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import { note, readDecision } from '../decide.ts';

/** What is known of green after `closeGreen`. */
export type GreenState = 'absent' | 'closed' | 'not reached';

const TRY_SECONDS = 4;

/**
 * The first half of an abort: green's PostgresCluster annotated as aborted (its health says Degraded, and the sync ends
 * instead of waiting for half a clone), its application roles NOLOGIN, their sessions ended.
 *
 * Blue is opened afterwards also when green could not be reached within the bound (ADR 6): green takes no write of the
 * application all the same. Its roles are read-only by the settings that the clone inherited, which only a commit takes
 * back, and none can happen after Aborted, or a migration while it runs, which is ended first then (end-writers.ts); no
 * Service for clients selects it; its application is not deployed by a sync that the annotation ends. The keeper goes on
 * trying, and `greenClosed` says when it was done.
 */
export async function closeGreen(context: StepContext, reason: string): Promise<GreenState> {
  const { cluster, request } = context;
  const { green } = request;
  if (!green) return 'absent';
  const found = await tolerating(context, () => cluster.postgresCluster(green.cluster), 'unknown' as const);
  // Whose it is has to be known first: a cluster of another attempt is none of this decision's business.
  if (found === 'unknown') return 'not reached';
  if (!found || found.labels[LABEL.digest] !== request.digest) return 'absent';
  await tolerating(context, () => mark(context, found, reason), undefined);
  if (!(await tryToClose(context, green))) return 'not reached';
  await tolerating(context, () => noteClosed(context), undefined);
  return 'closed';
}

/**
 * An API server that refuses this or hangs keeps no blue closed; the keeper's next look tries again. A decision that is not this
 * plan's any more is another matter: then green is not either.
 */
async function tolerating<T, U>({ progress }: StepContext, work: () => Promise<T>, instead: U): Promise<T | U> {
  const late = (): Error => new Error(`the API server does not answer within ${TRY_SECONDS} s`);
  return within(TRY_SECONDS * 1000, work(), late).catch((error: unknown) => {
    if (error instanceof LifecycleError && ['decision-lost', 'step-out-of-order'].includes(error.code)) throw error;
    progress.report(`closing green: ${textOf(error)}`);
    return instead;
  });
}

async function mark(
  context: StepContext,
  { name, uid, annotations }: PostgresClusterView,
  reason: string,
): Promise<void> {
  const { greenUid } = await readDecision(context);
  if (greenUid !== uid) await note(context, 'Aborted', () => ({ greenUid: uid }));
  if (annotations[ANNOTATION.aborted] !== undefined) return;
  await context.cluster.annotatePostgresCluster(name, { [ANNOTATION.aborted]: reason });
}

async function noteClosed(context: StepContext): Promise<void> {
  if ((await readDecision(context)).greenClosed !== undefined) return;
  await note(context, 'Aborted', () => ({ greenClosed: context.clock.now().toISOString() }));
}

/** Over SQL, within a bound. */
export async function tryToClose(context: StepContext, green: StepInstance): Promise<boolean> {
  const { clock, progress } = context;
  const trying = waitFor(`closing ${green.name}`, () => closeDatabase(context, green).catch(() => undefined), {
    clock,
    seconds: TRY_SECONDS,
    report: progress.report,
  });
  // A green that lets in and then says nothing: its query ends by a deadline of its own, and nobody waits for that here.
  const closed = within(TRY_SECONDS * 1000, trying, () => new Error('green does not answer'));
  return (await closed.catch(() => undefined)) ?? false;
}

/** @returns undefined while green is in recovery: it takes no writes, and no ALTER ROLE either. */
async function closeDatabase(context: StepContext, green: StepInstance): Promise<true | undefined> {
  return withSession(openSuperuser(context, green, 'abort')(MAINTENANCE), async (session) => {
    if ((await serverIdentity(session)) === undefined) return undefined;
    const roles = roleNames(await readRoleSettings(session));
    if (roles.length === 0) return true;
    await denyLogin(session, roles);
    return (await endSessions(session, { roles }, { clock: context.clock, seconds: TRY_SECONDS })) ? true : undefined;
  });
}
