import type { RoleSettings } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { CATALOG_SECONDS, type OpenSession, type Session } from '../session.ts';

/** What a guard may look at. */
export interface GuardContext {
  /** Superuser, in the maintenance database. */
  readonly session: Session;
  /** Further superuser sessions, one a database. */
  readonly open: OpenSession;
  readonly request: Pick<StepRequest, 'database' | 'accepted'>;
  /** The roles' settings as they were before a fence; absent where none stands. */
  readonly roles?: readonly RoleSettings[];
}

/** Looks at the whole server. @returns each problem as a sentence that says what to do; empty when the guard holds. */
export type ServerGuard = (context: GuardContext) => Promise<readonly string[]>;

/** Looks at one database, whose session this is; asked of each that takes connections. */
export type DatabaseGuard = (session: Session) => Promise<readonly string[]>;

/** For queries whose one column `problem` is the sentence. */
export async function problemsOf(
  session: Session,
  query: string,
  values: readonly unknown[] = [],
): Promise<readonly string[]> {
  return (await session.query<{ problem: string }>(query, values, CATALOG_SECONDS)).map(({ problem }) => problem);
}
