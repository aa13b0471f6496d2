import { primaryPod } from '../core/leader.ts';
import { STANZA } from '../core/names.ts';
import { usersSql } from '../objects/users-sql.ts';
import { usersRevision } from './ensure-users.ts';
import type { ExecResult } from './exec.ts';
import { execInPod } from './exec.ts';
import type { Pass } from './pass.ts';
import { warn } from './warn.ts';

const RETRY_MILLISECONDS = 5_000;

async function inPrimary(
  pass: Pass,
  container: 'database' | 'pgbackrest',
  command: readonly string[],
  input?: string,
): Promise<ExecResult> {
  const pod = primaryPod(pass.observed);
  if (pod === undefined) return { succeeded: false, output: '', reason: 'no primary' };
  const { namespace } = pass.cluster.metadata;
  const request = { namespace, pod: pod.name, container, command };
  return await execInPod(pass.api.config, input === undefined ? request : { ...request, input });
}

/** Creates the stanza in every repository at once, as pgBackRest does; one that cannot be made fails them all. */
export async function createStanzas(pass: Pass, repos: readonly string[]): Promise<void> {
  const made = await inPrimary(pass, 'pgbackrest', ['pgbackrest', `--stanza=${STANZA}`, 'stanza-create']);
  const outcome = made.succeeded ? 'created' : 'failed';
  pass.memory.stanzas = Object.fromEntries(repos.map((repo) => [repo, outcome]));
  pass.lookAgain(made.succeeded ? 0 : RETRY_MILLISECONDS);
}

/** Roles, passwords and databases, by SQL on standard input. */
export async function writeUsers(pass: Pass): Promise<void> {
  const psql = ['psql', '--no-psqlrc', '--quiet', '--file=-'];
  const written = await inPrimary(pass, 'database', psql, usersSql(pass.users));
  if (written.succeeded) {
    pass.memory.usersApplied = usersRevision(pass.users);
    pass.lookAgain(0);
    return;
  }
  await warn(pass, 'UsersNotWritten', 'the SQL for roles and databases failed');
  pass.lookAgain(RETRY_MILLISECONDS);
}
