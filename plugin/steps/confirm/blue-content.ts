import { readContent } from '../../postgres/content.ts';
import { withSession } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import type { StepContext } from '../ports/step.ts';

/** Digest of everything that blue holds now, comparable with what verify recorded. */
export type BlueContent = (context: StepContext) => Promise<string>;

export const blueContent: BlueContent = (context) => {
  const open = openSuperuser(context, context.request.blue, 'confirm');
  return withSession(open(MAINTENANCE), async (session) => {
    const { digest } = await readContent(session, open, context.progress.report);
    return digest;
  });
};
