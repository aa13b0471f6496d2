import { access } from 'node:fs/promises';
import type { StepInstance } from '../../plan/step-request.ts';
import { textOf } from '../../errors/text-of.ts';
import { commitCanary } from '../../postgres/commit-canary.ts';
import { overridingCanaries, writeCanary, type RoleCanary } from '../../postgres/canary.ts';
import { applicationDatabases } from '../../postgres/relations.ts';
import { inDatabases } from '../../postgres/readers.ts';
import { sqlState, withSession, type Session } from '../../postgres/session.ts';
import type { StepContext } from '../ports/step.ts';
import { openSuperuser, openUser } from '../database/sessions.ts';

/** Databases that the role may connect to. */
async function reachable(session: Session, role: string): Promise<readonly string[]> {
  const databases = await applicationDatabases(session);
  const rows = await session.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE has_database_privilege($2, name, 'CONNECT')`,
    [databases, role],
  );
  return rows.map(({ name }) => name);
}

const userIsMounted = async ({ secrets }: StepContext, { name }: StepInstance): Promise<boolean> =>
  access(`${secrets}/${name}/user/password`).then(
    () => true,
    () => false,
  );

/**
 * Writes in every database as the application's role, logged in as it: with the settings that its next session gets.
 * Empty where this step has no Secret of the role.
 */
export async function loginCanaries(
  context: StepContext,
  instance: StepInstance,
  session: Session,
): Promise<readonly RoleCanary[]> {
  const role = context.request.database.user;
  if (!(await userIsMounted(context, instance))) return [];
  const open = openUser(context, instance, 'canary');
  return inDatabases(await reachable(session, role), open, async (each) => ({ role, ...(await writeCanary(each)) }));
}

/**
 * Where the application's role still cannot write because it is read-only, in words. A password that was changed meanwhile,
 * no connection to spare, or another's lock is none of a window's business.
 */
export async function stillReadOnly(
  context: StepContext,
  instance: StepInstance,
  session: Session,
): Promise<readonly string[]> {
  const canaries = await loginCanaries(context, instance, session).catch(noneIfNotLetIn);
  return wrongCanaries(
    canaries.filter(({ sqlstate }) => sqlstate === '25006'),
    '00000',
  );
}

/**
 * Why a COMMIT of the application's role fails or is not answered, in words: a server may take writes and never acknowledge
 * one. Empty where it answers, where this step has no Secret of the role, or where the role is not let in.
 */
export async function commitProblems(context: StepContext, instance: StepInstance): Promise<readonly string[]> {
  const { user, databases } = context.request.database;
  if (!(await userIsMounted(context, instance))) return [];
  const open = openUser(context, instance, 'canary');
  const outcomes = await Promise.all(
    databases.map((database) =>
      withSession(open(database), (session) => commitCanary(session)).then(
        () => [],
        (error: unknown) => (isNotLetIn(error) ? [] : [`a COMMIT as ${user} in ${database}: ${textOf(error)}`]),
      ),
    ),
  );
  return outcomes.flat();
}

/** The application has every connection that it can have. @throws any other error. */
export function undefinedIfFull(error: unknown): undefined {
  if (sqlState(error) !== '53300') throw error;
}

/** Class 28: invalid authorization; 53: insufficient resources. */
const isNotLetIn = (error: unknown): boolean => ['28', '53'].includes(sqlState(error)?.slice(0, 2) ?? '');

function noneIfNotLetIn(error: unknown): readonly RoleCanary[] {
  if (isNotLetIn(error)) return [];
  throw error;
}

/**
 * Writes in every database as each role that may change rows there, overriding read-only: shows whether the locks stand in the
 * way. Where a role may change no table's rows, no lock stops it, and there is nothing that it could change.
 */
export async function canariesOfAll(
  context: StepContext,
  instance: StepInstance,
  session: Session,
  roles: readonly string[],
): Promise<readonly RoleCanary[]> {
  const open = openSuperuser(context, instance, 'canary');
  const databases = await applicationDatabases(session);
  return (await inDatabases(databases, open, (each) => overridingCanaries(each, roles))).flat();
}

/** Those that could write something and did not end as they should, in words. */
export function wrongCanaries(canaries: readonly RoleCanary[], expected: string): readonly string[] {
  return canaries
    .filter(({ mayWrite, sqlstate }) => mayWrite && sqlstate !== expected)
    .map(
      ({ role, database, sqlstate }) =>
        `a write as ${role} in database ${database} ended with ${sqlstate} instead of ${expected}`,
    );
}
