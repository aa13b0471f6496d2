import type { Decision, Status } from '../../../lifecycle/status.ts';
import { abortSwitch } from '../abort/abort-switch.ts';
import { finishAbort } from '../abort/finish-abort.ts';
import { asLost } from '../as-lost.ts';
import { checkBlue } from './check-blue.ts';
import { checkGreen } from './check-green.ts';
import { connectToBlue, type BlueConnections } from '../connections.ts';
import { readDecision } from '../decide.ts';
import { decideToCommit } from './decide-to-commit.ts';
import { rollForward } from './roll-forward.ts';
import { reasonOf } from '../keeper/end-window.ts';
import { recordOf } from '../../ledger/step-records.ts';
import { refuse, type Evidence, type StepContext } from '../../ports/step.ts';
import { untilAnswered } from '../../ports/until-answered.ts';

const API_PATIENCE_SECONDS = 60;
const RETRY_MILLISECONDS = 1000;

/**
 * The decision (fence protocol, C1 to C7). Idempotent: one that is Committed already is rolled forward, and only a
 * Fenced one with all its evidence is committed. What is found wrong under the locks aborts the switch.
 */
export async function commit(context: StepContext): Promise<Evidence> {
  const decision = await readDecision(context);
  if (decision.state === 'Committed') return evidenceOf(await rollForwardPatiently(context));
  if (decision.state === 'Aborted') {
    const { reason } = await finishAbort(context);
    refuse('aborted', reason ?? 'the switch was aborted before');
  }
  checkOrder((await context.ledger.read()).status, decision);
  return evidenceOf(await lockCheckAndCommit(context, decision));
}

/** Waves are no safety interlock: a partial sync runs this Job without those before it. */
function checkOrder(status: Status, { digest, state, fence }: Decision): void {
  if (state !== 'Fenced' || fence === undefined) refuse('step-out-of-order', 'the fence does not stand');
  for (const name of ['verify', 'smoke']) {
    if (recordOf(status, digest, name)?.state !== 'Done') refuse('step-out-of-order', `step ${name} is not done`);
  }
  const migrate = recordOf(status, digest, 'migrate');
  if (migrate && migrate.state !== 'Done') refuse('step-out-of-order', 'the migration is not done');
}

async function lockCheckAndCommit(context: StepContext, fenced: Decision): Promise<Decision> {
  const blue = await connectToBlue(context, context.request.blue).catch(asLost);
  try {
    await checkOrAbort(context, blue, fenced).catch(asLost);
    const { moved, decision } = await decideToCommit(context, blue, fenced);
    if (!moved && decision?.state !== 'Committed') refuse('decision-lost', decision?.reason ?? 'aborted meanwhile');
    // Our own locks stand until blue is closed; the keeper's too, if it lives.
    return await rollForwardPatiently(context);
  } finally {
    await blue.close();
  }
}

/** An API server that does not answer for a while is waited for, but not under the turn: who reaches it goes on meanwhile. */
async function rollForwardPatiently(context: StepContext): Promise<Decision> {
  const { clock, progress } = context;
  const done = await untilAnswered(
    'rolling the commit forward',
    () => rollForward(context),
    ({ message }) => {
      progress.report(`trying again: ${message}`);
    },
    { clock, seconds: API_PATIENCE_SECONDS, everyMilliseconds: RETRY_MILLISECONDS },
  );
  return (
    done ?? refuse('not-in-time', 'the API server did not answer; keeper and hook go on rolling the commit forward')
  );
}

async function checkOrAbort(context: StepContext, blue: BlueConnections, { roles = [] }: Decision): Promise<void> {
  try {
    await checkBlue(context, blue);
    await checkGreen(context, roles);
  } catch (error) {
    await blue.close();
    await abortSwitch(context, reasonOf(error));
    throw error;
  }
}

function evidenceOf({ windowSeconds, window }: Decision): Evidence {
  return {
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...window,
  };
}
