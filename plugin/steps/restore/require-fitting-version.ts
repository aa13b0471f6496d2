import type { StepRequest } from '../../plan/step-request.ts';
import { refuse } from '../ports/step.ts';
import { isAccepted, type Seen } from './open-restores.ts';
import { unsettledRestore } from './settled-restores.ts';

/**
 * On what was restored runs the version that fits it, until the file has said so at rest once: a commit that only takes the restore
 * out would put the newer version on the older schema.
 * @throws LifecycleError restore-version
 */
export function requireFittingVersion({ annotations, status }: Seen, { blue }: StepRequest): void {
  const last = unsettledRestore(status, blue.name);
  // Of what somebody has brought back by hand nobody knows the version but him.
  if (last === undefined || isAccepted(annotations, last)) return;
  const { id, applicationVersion } = last;
  if (applicationVersion === undefined || applicationVersion === blue.version) return;
  refuse(
    'restore-version',
    `restore ${id} brought back data of version ${applicationVersion}, the file says ${blue.version}; ` +
      `write blue.version: "${applicationVersion}" in the commit that takes the restore out`,
  );
}
