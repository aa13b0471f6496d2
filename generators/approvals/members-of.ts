import type { Scm } from '../scm/port.ts';
import type { Allowed, Members } from './allowed.ts';

/** A team that is not there has no members. */
export async function membersOf(scm: Scm, { teams }: Allowed): Promise<Members> {
  const members = async (team: string): Promise<readonly [string, readonly string[]]> => [
    team,
    (await scm.teamMembers(team)) ?? [],
  ];
  return new Map(await Promise.all(teams.map(members)));
}
