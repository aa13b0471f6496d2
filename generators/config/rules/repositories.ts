import { quoteKey, type Path } from '../../../plugin/lifecycle/finding.ts';
import type { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';
import { globProblem } from '../glob.ts';
import type { RepositoryConfig, ScmConfig } from '../schema.ts';

export function checkRepositories({ repositories, urls }: Draft): readonly Finding[] {
  return [
    ...twice(urls),
    ...repositories.flatMap(({ index, value }) => {
      const at: Path = ['repositories', index];
      return [...branches(value, at), ...paths(value, at), ...namespace(value, at), ...project(value.scm, at)];
    }),
  ];
}

/** An ApplicationSet names a repository by its URL: two would be one. */
function twice(urls: Draft['urls']): readonly Finding[] {
  return urls.flatMap((url, index) => {
    const first = urls.indexOf(url);
    if (url === undefined || first === index) return [];
    const detail = `repositories[${first}] has this URL already`;
    return [{ path: ['repositories', index, 'url'], detail, remedy: 'keep one, with the branches and paths of both' }];
  });
}

/** git check-ref-format, and nothing that git would take for an option. */
const NO_BRANCH = /^[-/]|[/.]$|\.\.|\/\/|@\{|^@$|(?:^|\/)\.|\.lock(?:\/|$)|[\p{Cc}\s~^:?*[\\]/u;

function branches({ revisions }: RepositoryConfig, at: Path): readonly Finding[] {
  return revisions.flatMap((branch, index) =>
    NO_BRANCH.test(branch)
      ? [{ path: [...at, 'revisions', index], detail: 'no branch can have this name', remedy: 'name a branch' }]
      : [],
  );
}

function paths({ paths: globs }: RepositoryConfig, at: Path): readonly Finding[] {
  return globs.flatMap((glob, index) => {
    const problem = globProblem(glob);
    return problem === undefined
      ? []
      : [{ path: [...at, 'paths', index], detail: problem, remedy: 'correct the glob' }];
  });
}

const PLACEHOLDERS = ['folder', 'parent', 'name'];

/** Texts between placeholders become parts of the name of a namespace. */
function namespace({ namespace: template }: RepositoryConfig, at: Path): readonly Finding[] {
  const path = [...at, 'namespace'];
  const named = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  const unknown = named.filter((name) => !PLACEHOLDERS.includes(name));
  const remedy = `there are ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`;
  if (unknown.length > 0)
    return [{ path, detail: `unknown is ${unknown.map((name) => quoteKey(name)).join(', ')}`, remedy }];
  if (/^[a-z0-9-]*$/.test(template.replaceAll(/\{[^{}]*\}/g, ''))) return [];
  return [{ path, detail: 'beside its placeholders it holds what no name of a namespace can', remedy }];
}

function project(scm: ScmConfig | undefined, at: Path): readonly Finding[] {
  if (!scm) return [];
  const parts = scm.project.split('/');
  const fits =
    parts.every((part) => /^[\w.-]+$/.test(part)) && (scm.kind === 'gitlab' ? parts.length >= 2 : parts.length === 2);
  const expected = scm.kind === 'gitlab' ? 'group/project, with every group' : 'owner/name';
  return fits
    ? []
    : [{ path: [...at, 'scm', 'project'], detail: `${scm.kind} has projects as ${expected}`, remedy: 'correct it' }];
}
