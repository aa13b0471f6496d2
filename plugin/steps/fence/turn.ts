import type { Session } from '../../postgres/session.ts';
import { waitFor } from '../../postgres/wait.ts';
import { SHORT_PATIENCE } from '../database/sessions.ts';
import { answeredInTime } from '../ports/in-time.ts';
import type { StepContext } from '../ports/step.ts';

const TURN_SECONDS = 120;
/** One request may take 15 s. What is then not on record is done again by the next one, who may reach the API server. */
const API_SECONDS = 20;

/** Not for every session of a step: the locks of the window are to outlast an outage that is longer. */
const impatient = Object.entries(SHORT_PATIENCE).map(([name, value]) => `SET ${name} = ${value}`);
const asBefore = Object.keys(SHORT_PATIENCE).map((name) => `RESET ${name}`);

/**
 * One at a time changes a server for a decision: keeper, commit, abort and preflight may all find that it is not as decided. An
 * advisory lock on the server, which ends with the session, so that one that died leaves nothing behind. One for all plans of
 * a lifecycle: who has read under it that a decision is the current one is not overtaken by the fence of the next.
 * @returns what to go on with under the turn: an API server that does not answer this process is waited for no longer than for
 * one request. Undefined when another still has the turn after two minutes.
 */
export async function takeTurn(context: StepContext, session: Session): Promise<StepContext | undefined> {
  const { clock, request, progress } = context;
  await session.query(impatient.join('; '));
  const taken = await waitFor(
    'waiting for another step that finishes this decision',
    async () => {
      const [row] = await session.query<{ taken: boolean }>(
        `SELECT pg_try_advisory_lock(hashtextextended('lifecycle-' || $1, 0)) AS taken`,
        [request.lifecycle],
      );
      return row?.taken === true ? true : undefined;
    },
    {
      clock,
      seconds: TURN_SECONDS,
      report: progress.report,
    },
  );
  return taken && answeredInTime(context, API_SECONDS);
}

/** Lets the next one finish, without ending the session that had the turn; its patience is what it was. */
export async function giveTurn({ request }: StepContext, session: Session): Promise<void> {
  await session.query(`SELECT pg_advisory_unlock(hashtextextended('lifecycle-' || $1, 0))`, [request.lifecycle]);
  await session.query(asBefore.join('; '));
}
