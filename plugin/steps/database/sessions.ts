import { join } from 'node:path';
import type { StepInstance } from '../../plan/step-request.ts';
import { connect, type ConnectOptions } from '../../postgres/connect.ts';
import type { OpenSession, Session } from '../../postgres/session.ts';
import type { StepContext } from '../ports/step.ts';

/** The database that every server has: for roles, statistics and restore points, which belong to no database. */
export const MAINTENANCE = 'postgres';

/** What `pg_stat_activity` calls a connection of ours; locks are told from the rest, so that an abort can end them. */
export const programName = ({ request }: StepContext, purpose: string): string =>
  `lifecycle-${purpose}-${request.digest}`;

/**
 * A superuser's session obeys no default and no timeout that the server or a role may set, and its commits wait for no
 * standby: a role must be closed or opened also when that is gone, and whoever finds a failover that lost such a setting
 * sets it again (a server that commits nothing of the application's is found by asking as the application). The server notices within half
 * a minute when the node of this process is gone, and lets go of what the session holds, also where an answer was under way: the
 * kernel probes for none. Who takes the turn asks for less (turn.ts).
 */
const SUPERUSER_OPTIONS = optionsOf({
  default_transaction_read_only: 'off',
  statement_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  lock_timeout: 0,
  synchronous_commit: 'local',
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 25_000,
});

/**
 * For a session that others wait for: its server gives it up after seven seconds without an answer, to a probe of an idle
 * connection as to data under way, which the kernel does not probe for, and also in the middle of a statement.
 */
export const SHORT_PATIENCE = {
  tcp_keepalives_idle: 3,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 2,
  tcp_user_timeout: 7000,
  client_connection_check_interval: 1000,
};

function optionsOf(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

type Credential = 'superuser' | 'user';

/** Where the credentials of one of an instance's roles are mounted. */
export const credentialsOf = (
  { secrets }: StepContext,
  { name }: StepInstance,
  credential: Credential,
): { readonly folder: string; readonly ca: string } => ({
  folder: join(secrets, name, credential),
  ca: join(secrets, name, 'ca', 'ca.crt'),
});

const opener =
  (
    context: StepContext,
    instance: StepInstance,
    credential: Credential,
    options: Pick<ConnectOptions, 'applicationName' | 'options'>,
  ): OpenSession =>
  (database) =>
    connect({ ...credentialsOf(context, instance, credential), database, ...options });

/** From 17 on an event trigger can be told of a login: one that writes would wait for the fence's locks. */
const optionsFor = ({ request: { database } }: StepContext): string =>
  database.postgresVersion < 17 ? SUPERUSER_OPTIONS : `${SUPERUSER_OPTIONS} -c event_triggers=off`;

export const openSuperuser = (context: StepContext, instance: StepInstance, purpose: string): OpenSession =>
  opener(context, instance, 'superuser', {
    applicationName: programName(context, purpose),
    options: optionsFor(context),
  });

/**
 * As the application's own role, with whatever its settings say. A canary in the dark would hold its role's row of settings, for
 * which whoever opens or closes the role waits.
 */
export const openUser = (context: StepContext, instance: StepInstance, purpose: string): OpenSession =>
  opener(context, instance, 'user', {
    applicationName: programName(context, purpose),
    options: optionsOf(SHORT_PATIENCE),
  });

/** Sessions that belong together, closed together. */
export class Sessions {
  readonly #open: Session[] = [];

  async add(opening: Promise<Session>): Promise<Session> {
    const session = await opening;
    this.#open.push(session);
    return session;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((session) => session.close()));
  }
}
