import type { Path } from '../../../plugin/lifecycle/finding.ts';
import type { Draft, Item } from '../draft.ts';
import type { Finding } from '../finding.ts';
import { globProblem } from '../glob.ts';
import type { ApprovalPolicy, ScmConfig } from '../schema.ts';

export function checkApprovals(draft: Draft): readonly Finding[] {
  const { approvals } = draft;
  if (!approvals) return [];
  return [
    ...nowhere(draft),
    ...approvals.policies.flatMap((item) => [
      ...named(item, draft),
      ...globs(item),
      ...approvers(item),
      ...teams(item, draft),
    ]),
  ];
}

/** Said only where every repository could be read: one that cannot may be the one that has an scm. */
function nowhere({ repositories, urls }: Draft): readonly Finding[] {
  if (repositories.length < urls.length || repositories.some(({ value }) => value.scm !== undefined)) return [];
  const detail = 'no repository has an scm, so that nobody can be asked who approved';
  return [{ path: ['approvals'], at: 'key', detail, remedy: 'add repositories[].scm, or leave approvals out' }];
}

const at = ({ index }: Item<ApprovalPolicy>, ...rest: Path): Path => ['approvals', 'policies', index, ...rest];

function named(item: Item<ApprovalPolicy>, { urls, repositories }: Draft): readonly Finding[] {
  return (item.value.repositories ?? []).flatMap((url, index): readonly Finding[] => {
    const path = at(item, 'repositories', index);
    if (!urls.includes(url))
      return [{ path, detail: 'no repository of the configuration has this URL', remedy: 'name one of repositories' }];
    const known = repositories.find(({ value }) => value.url === url);
    if (!known || known.value.scm) return [];
    return [
      { path, detail: 'this repository has no scm, so that nothing of it can be approved', remedy: 'add its scm' },
    ];
  });
}

function globs(item: Item<ApprovalPolicy>): readonly Finding[] {
  return (['paths', 'namespaces'] as const).flatMap((field) =>
    (item.value[field] ?? []).flatMap((glob, index) => {
      const problem = globProblem(glob);
      return problem === undefined
        ? []
        : [{ path: at(item, field, index), detail: problem, remedy: 'correct the glob' }];
    }),
  );
}

/** A policy that nobody can fulfil holds every request back that it fits. */
function approvers(item: Item<ApprovalPolicy>): readonly Finding[] {
  const { quorum, approvers: may } = item.value;
  const open = may.teams.length > 0 || may.codeOwners;
  const users = new Set(may.users.map((name) => name.toLowerCase())).size;
  if (!open && users === 0) {
    const remedy = 'name users or teams, or set codeOwners';
    return [{ path: at(item, 'approvers'), detail: 'nobody may approve', remedy }];
  }
  if (open || quorum <= users) return [];
  const detail = `${quorum} have to approve, of ${users} who may`;
  return [{ path: at(item, 'quorum'), detail, remedy: 'lower it, or name more approvers' }];
}

/** Source hosts name a team each in their own way; one that is named wrongly has no members. */
function teams(item: Item<ApprovalPolicy>, { repositories }: Draft): readonly Finding[] {
  const hosts = new Set(
    repositories.flatMap(({ value: { url, scm } }): readonly ScmConfig['kind'][] =>
      scm && (item.value.repositories ?? [url]).includes(url) ? [scm.kind] : [],
    ),
  );
  return item.value.approvers.teams.flatMap((team, index) => {
    const parts = team.split('/').filter((part) => /^[\w.-]+$/.test(part)).length;
    const whole = parts === team.split('/').length;
    const wrong = [...hosts].filter((host) => !whole || (host !== 'gitlab' && parts !== 2));
    if (wrong.length === 0) return [];
    const expected = wrong.map((host) => (host === 'gitlab' ? 'a group, with those above it' : `org/team at ${host}`));
    return [
      {
        path: at(item, 'approvers', 'teams', index),
        detail: `expected is ${expected.join(', ')}`,
        remedy: 'correct it',
      },
    ];
  });
}
