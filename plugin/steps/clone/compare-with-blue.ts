import { textOf } from '../../errors/text-of.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { compareContent } from '../../postgres/compare-content.ts';
import { comparePhysically, type PhysicalComparison } from '../../postgres/compare-physically.ts';
import { mostOf, type Side } from '../../postgres/compare.ts';
import { readContent } from '../../postgres/content.ts';
import { sparedRoles } from '../../postgres/roles.ts';
import { withSession, type Session } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';

/** Under the fence: physically, and with verify: Full every row of both. @throws LifecycleError `clone-differs` */
export function compareWithBlue(context: StepContext, green: StepInstance, session: Session): Promise<Evidence> {
  const { request, progress } = context;
  return withBlue(context, async (blue) => {
    const clone = sideOf(context, green, session);
    const physical = await physically(context, blue, clone);
    refuseDifferences([...physical.structure, ...physical.state]);
    if (request.verify !== 'Full') return counted(physical);
    const { differences, rows, digest } = await compareContent(blue, clone, progress.report);
    refuseDifferences(differences);
    return { ...counted(physical), rows, content: digest };
  });
}

/**
 * As in the window, because how long that takes is what a rehearsal is asked. Blue goes on changing: what the clone's catalogs
 * differ in is told, and would end a switch if it is not from blue's side. With verify: Full the clone is read whole; blue
 * would be at the same time, on its own server.
 */
export function rehearseComparison(context: StepContext, clone: StepInstance, session: Session): Promise<Evidence> {
  const { request, progress } = context;
  return withBlue(context, async (blue) => {
    const side = sideOf(context, clone, session);
    const compared = await physically(context, blue, side).then(differing, (error: unknown) => ({
      differs: `blue changed while it was read: ${textOf(error)}`,
    }));
    if (typeof compared.differs === 'string') progress.report(`the clone differs: ${compared.differs}`);
    if (request.verify !== 'Full') return compared;
    const { rows } = await readContent(session, side.open, progress.report);
    return { ...compared, rows };
  });
}

const withBlue = <T>(context: StepContext, use: (blue: Side) => Promise<T>): Promise<T> =>
  withSession(openSuperuser(context, context.request.blue, 'verify')(MAINTENANCE), (session) =>
    use(sideOf(context, context.request.blue, session)),
  );

const sideOf = (context: StepContext, instance: StepInstance, session: Session): Side => ({
  name: instance.name,
  session,
  open: openSuperuser(context, instance, 'verify'),
});

async function physically({ request }: StepContext, blue: Side, clone: Side): Promise<PhysicalComparison> {
  return comparePhysically(blue, clone, [request.database.user, ...(await sparedRoles(blue.session))]);
}

function refuseDifferences(differences: readonly string[]): void {
  if (differences.length > 0) refuse('clone-differs', mostOf(differences).join('; '));
}

const counted = ({ databases, tables, sequences }: PhysicalComparison): Evidence => ({ databases, tables, sequences });

const differing = (physical: PhysicalComparison): Evidence => ({
  ...counted(physical),
  ...(physical.structure.length > 0 && { differs: mostOf(physical.structure).join('; ') }),
});
