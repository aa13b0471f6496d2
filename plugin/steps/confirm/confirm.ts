import type { PlanKind } from '../../plan/steps.ts';
import type { BlueContent } from './blue-content.ts';
import { lookAtGlass } from './broken-glass.ts';
import { confirmAtRest } from './confirm-at-rest.ts';
import { noteAwaiting } from './note-awaiting.ts';
import { createConfirmBeside, createConfirmRecovered, createConfirmRestored } from './confirm-beside.ts';
import { confirmPrepare } from './confirm-prepare.ts';
import { createConfirmRestore } from './confirm-restore.ts';
import { createConfirmSwitch, type Stand } from './confirm-switch.ts';
import type { HttpGet } from '../ports/http.ts';
import type { RunStep } from '../ports/step.ts';

/** The last step of every plan. A hook: it runs again at every sync, so all it does may be done again. */
export function createConfirm(get: HttpGet, content: BlueContent, stand: Stand): RunStep {
  const kinds: Readonly<Record<PlanKind, RunStep>> = {
    AtRest: confirmAtRest,
    Prepare: confirmPrepare,
    Switch: createConfirmSwitch(get, content, stand),
    Restore: createConfirmRestore(get),
    RestoreBeside: createConfirmBeside(get),
    SwitchRestored: createConfirmRestored(createConfirmSwitch(get, content, stand)),
    Recover: createConfirmRecovered(get),
  };
  return async (context) => {
    await lookAtGlass(context);
    await noteAwaiting(context);
    return kinds[context.request.plan](context);
  };
}
