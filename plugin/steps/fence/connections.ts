import { applicationDatabases } from '../../postgres/relations.ts';
import type { OpenSession, Session } from '../../postgres/session.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import type { StepContext } from '../ports/step.ts';
import { MAINTENANCE, Sessions, openSuperuser } from '../database/sessions.ts';

/** What keeper and commit hold on blue: one session a database for the locks, and one that never holds any. */
export interface BlueConnections {
  readonly helper: Session;
  /** In name order (F3). */
  readonly holders: readonly Session[];
  readonly open: OpenSession;
  /** Ends them all: lets go of every lock. */
  readonly close: () => Promise<void>;
}

export async function connectToBlue(context: StepContext, blue: StepInstance): Promise<BlueConnections> {
  const sessions = new Sessions();
  const open = openSuperuser(context, blue, 'window');
  const openHolder = openSuperuser(context, blue, 'lock');
  try {
    const helper = await sessions.add(open(MAINTENANCE));
    const holders: Session[] = [];
    for (const database of await applicationDatabases(helper)) holders.push(await sessions.add(openHolder(database)));
    return { helper, holders, open, close: () => sessions.close() };
  } catch (error) {
    await sessions.close();
    throw error;
  }
}
