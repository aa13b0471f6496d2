import type { ApprovalPolicy } from '../config/schema.ts';
import type { Owners } from './code-owners.ts';
import { sameLogin } from './login.ts';

/** Whom a policy lets approve a request in one file. */
export interface Allowed {
  readonly users: readonly string[];
  /** `org/team`, without an @. */
  readonly teams: readonly string[];
  /** Why nobody may as a code owner, where the file that names them cannot be read: for people. */
  readonly unread?: string | undefined;
}

/** @param code owners of the file, as CODEOWNERS of the base branch names them: `@login`, `@org/team`, an e-mail address. */
export function allowedBy({ approvers }: Pick<ApprovalPolicy, 'approvers'>, { owners, unread }: Owners): Allowed {
  const named = owners.filter((owner) => owner.startsWith('@')).map((owner) => owner.slice(1));
  const isTeam = (name: string): boolean => name.includes('/');
  const once = (names: readonly string[]): readonly string[] => [
    ...new Map(names.map((name) => [sameLogin(name), name])).values(),
  ];
  return {
    users: once([...approvers.users, ...named.filter((name) => !isTeam(name))]),
    teams: once([...approvers.teams.map((name) => name.replace(/^@/, '')), ...named.filter(isTeam)]),
    unread,
  };
}

/**
 * Logins of a team's members; `anybody` of what ran out, where nobody is asked any more, nor looked for among the users: accounts go, and get
 * other names (ADR 26).
 */
export type Members = ReadonlyMap<string, readonly string[]> | 'anybody';

export function isAllowed(login: string, { users, teams }: Allowed, members: Members): boolean {
  if (members === 'anybody') return users.length + teams.length > 0;
  const wanted = sameLogin(login);
  const has = (names: readonly string[]): boolean => names.some((name) => sameLogin(name) === wanted);
  if (has(users)) return true;
  return teams.some((team) => has(members.get(team) ?? []));
}
