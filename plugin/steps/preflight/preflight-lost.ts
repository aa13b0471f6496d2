import { servesBy } from '../ledger/serves-by.ts';
import { OPERATOR_LABEL } from '../../plan/labels.ts';
import { lostRecovery } from '../../restorable/lost.ts';
import { prepareClone } from '../beside/prepare-clone.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { undoable } from '../restore/undoable.ts';

/**
 * Before a database that is gone comes back from its repository: it is gone, and it is what served, or nothing is on record. What is left
 * of an older window or restore there is nothing to finish of.
 */
export const preflightLost: RunStep = async (context): Promise<Evidence> => {
  const { ledger, request } = context;
  const view = await ledger.read();
  requireCurrent(view, request);
  const serves = servesBy(view.status);
  // An attempt before this one may have decided already.
  const own = [request.blue.name, request.green?.name];
  if (serves !== undefined && !own.includes(serves)) {
    refuse('not-serving', `${request.blue.name} is gone, and ${serves} serves`);
  }
  await requireLost(context);
  return prepareClone(context, ({ clock }, { id, target }) => {
    if ('undo' in target) return refuse('request-invalid', `restore ${id} is to undo another one`);
    return Promise.resolve(lostRecovery(target, undoable(view.status, request.blue), clock.now().getTime() * 1000));
  });
};

/**
 * Its servers, and their volumes, which the operator takes up again.
 * @throws LifecycleError restore-unsafe where there is something left: it may take writes that nobody would see again
 */
export async function requireLost({ cluster, request: { blue } }: StepContext): Promise<void> {
  const left = [
    ...((await cluster.postgresCluster(blue.cluster)) ? [`PostgresCluster ${blue.cluster}`] : []),
    ...(await cluster.pods({ [OPERATOR_LABEL.cluster]: blue.cluster })).map(({ name }) => `pod ${name}`),
    ...(await cluster.volumeClaims(blue.cluster)).map((name) => `volume ${name}`),
  ];
  if (left.length === 0) return;
  refuse(
    'restore-unsafe',
    `${blue.name} is not gone: ${left.join(', ')}; restore beside it, without sourceLost, or remove it first`,
  );
}
