import type { PlanKind } from '../plan/steps.ts';
import { say, type Words } from './page.ts';
import type { PlanView } from './plan-view.ts';

/** How what a plan does is undone, in one sentence or two. */
export const undoOf = (view: PlanView): Words => UNDO[view.plan](view);

const UNDO: Readonly<Record<PlanKind, (view: PlanView) => Words>> = {
  AtRest: () => ['Revert the commit. What a migration did to the database stays.'],
  Prepare: () => ['Take green out of the file: the clone of the rehearsal goes, and nothing that serves was touched.'],
  Switch: ({ blue }) =>
    say`Until commit it undoes itself when anything fails. After it the database of ${blue.name} is kept, closed, as it was at the fence; stage Rollback does not act yet.`,
  Restore: ({ restore }) =>
    say`A restore with a new id and target: ${`{ undo: ${restore?.id ?? ''} }`}, as long as the repository keeps what was before.`,
  RestoreBeside: ({ restore }) =>
    say`Take the restore out of the file: ${restore?.beside ?? ''} goes, and nothing that serves was touched.`,
  SwitchRestored: ({ blue }) =>
    say`Until commit it undoes itself when anything fails. After it the database of ${blue.name} is kept, closed.`,
  Recover: () => ['There is nothing to go back to: the database that served is gone.'],
};
