import { applicationDatabases } from '../relations.ts';
import { withSession } from '../session.ts';
import type { Wait } from '../wait.ts';
import { archiveProblems } from './archive.ts';
import { backgroundWorkers } from './background-workers.ts';
import { connectionRoom } from './connection-room.ts';
import type { DatabaseGuard, GuardContext, ServerGuard } from './guard.ts';
import { lockRoom } from './lock-room.ts';
import { loginTriggers } from './login-triggers.ts';
import { preparedTransactions } from './prepared-transactions.ts';
import { replicationSlots } from './replication-slots.ts';
import { roles } from './roles.ts';
import { subscriptions } from './subscriptions.ts';
import { takesWrites } from './takes-writes.ts';
import { unloggedTables } from './unlogged-tables.ts';
import { wraparound } from './wraparound.ts';

/** What would keep the locks from being had; whoever has them need not ask. */
const BEFORE_THE_FENCE: readonly ServerGuard[] = [wraparound, lockRoom, connectionRoom];

/** What a fence or a clone would miss ("Preflight refuses before all this" of the fence protocol). */
const SERVER_GUARDS: readonly ServerGuard[] = [
  roles,
  preparedTransactions,
  takesWrites,
  replicationSlots,
  backgroundWorkers,
];
const DATABASE_GUARDS: readonly DatabaseGuard[] = [subscriptions, unloggedTables, loginTriggers];

async function problemsOfServer(guards: readonly ServerGuard[], context: GuardContext): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const guard of guards) problems.push(...(await guard(context)));
  return problems;
}

/**
 * Every guard of the server that does not hold now, each a sentence that says what to do. What can change between preflight
 * and the fence is looked at again by the keeper when the fence stands, before the restore point, and by commit.
 */
export async function serverProblems(context: GuardContext): Promise<readonly string[]> {
  const problems = [...(await problemsOfServer(SERVER_GUARDS, context))];
  for (const database of await applicationDatabases(context.session)) {
    await withSession(context.open(database), async (session) => {
      for (const guard of DATABASE_GUARDS) problems.push(...(await guard(session)));
    });
  }
  return problems;
}

/**
 * All of them, and whether archiving works.
 * @param wait how long a switched WAL segment may take to reach the archive.
 */
export async function guardProblems(context: GuardContext, wait: Wait): Promise<readonly string[]> {
  return [
    ...(await serverProblems(context)),
    ...(await problemsOfServer(BEFORE_THE_FENCE, context)),
    ...(await archiveProblems(context.session, wait)),
  ];
}
