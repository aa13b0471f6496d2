import { ANNOTATION } from '../../plan/labels.ts';
import type { StepContext } from '../ports/step.ts';

/** Takes what the file asks for and nobody has approved into the ledger, whose changes people are told. */
export async function noteAwaiting({ ledger }: StepContext): Promise<void> {
  await ledger.update(({ annotations, status: { awaitingApproval: before, ...status } }) => {
    const awaitingApproval = annotations[ANNOTATION.awaitingApproval];
    if (awaitingApproval === before) return undefined;
    return awaitingApproval === undefined ? status : { ...status, awaitingApproval };
  });
}
