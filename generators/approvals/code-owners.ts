import picomatch from 'picomatch';

/** Where each source host looks for the file, and in which order. Gitea's has regular expressions in it, which are not read. */
export const CODE_OWNERS_FILES = {
  github: ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'],
  gitlab: ['CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'],
  gitea: [],
} as const;

/** A file that is larger is ignored by the hosts as well. */
const MOST_BYTES = 3 * 2 ** 20;

interface Rule {
  readonly matches: (path: string) => boolean;
  readonly owners: readonly string[];
  /** GitLab's `!pattern`: nobody of its section owns what it matches. */
  readonly excludes: boolean;
}

/**
 * Who owns a path by a CODEOWNERS file: the last rule that matches holds, one without owners too; of GitLab's sections each by itself.
 * A line that cannot be read is left out, as the hosts do.
 * @returns `@login`, `@org/team` or e-mail addresses, in the order of the file
 */
export function ownersOf(text: string, path: string, kind: 'github' | 'gitlab'): readonly string[] {
  if (text.length > MOST_BYTES) return [];
  return [...new Set(sectionsOf(text, kind === 'gitlab').flatMap((rules) => ownersBy(rules, path)))];
}

function ownersBy(rules: readonly Rule[], path: string): readonly string[] {
  const matching = rules.filter(({ matches }) => matches(path));
  return matching.some(({ excludes }) => excludes) ? [] : (matching.at(-1)?.owners ?? []);
}

/** `[Database]`, `^[Optional]`, `[Database][2]`, each with owners of those rules that name none. */
const HEADING = /^\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$/;

function sectionsOf(text: string, hasSections: boolean): readonly (readonly Rule[])[] {
  const sections = new Map<string, Rule[]>();
  let [current, defaults]: [string, readonly string[]] = ['', []];
  for (const line of text.split(/\r?\n/)) {
    const content = withoutComment(line).trim();
    const heading = hasSections ? HEADING.exec(content) : null;
    if (heading) {
      [current, defaults] = [(heading[1] ?? '').toLowerCase(), ownersIn((heading[2] ?? '').split(/\s+/))];
      continue;
    }
    const rule = ruleOf(content, defaults, hasSections);
    if (rule) sections.set(current, [...(sections.get(current) ?? []), rule]);
  }
  return [...sections.values()];
}

const withoutComment = (line: string): string => line.replace(/(^|\s)#.*$/, '');

function ruleOf(content: string, defaults: readonly string[], mayExclude: boolean): Rule | undefined {
  const [first = '', ...named] = content.split(/\s+/);
  const excludes = mayExclude && first.startsWith('!');
  const matches = matcherOf(excludes ? first.slice(1) : first);
  const owners = ownersIn(named);
  return matches && { matches, owners: owners.length > 0 ? owners : defaults, excludes };
}

const ownersIn = (words: readonly string[]): readonly string[] =>
  words.filter((word) => /^(?:@[\w.-]+(?:\/[\w.-]+)*|[^\s@]+@[^\s@]+)$/.test(word));

/** Each star more multiplies the time of a comparison. */
const MOST_STARS = 8;

/**
 * A pattern as of a .gitignore, without what CODEOWNERS does not know of it: negation, ranges, escapes.
 * @returns undefined where it is none
 */
function matcherOf(pattern: string): ((path: string) => boolean) | undefined {
  if (pattern === '' || pattern.length > 512 || /^!|[\\[\]]/.test(pattern)) return undefined;
  if (pattern.replace(/^\*\*\/|\/\*\*$/, '').split('*').length > MOST_STARS) return undefined;
  const body = pattern.replace(/^\//, '').replace(/\/$/, '');
  if (body === '') return undefined;
  // A slash anywhere but at the end ties a pattern to the root.
  const anchored = pattern.slice(0, -1).includes('/');
  const glob = `${anchored ? '' : '**/'}${body.replaceAll(/[^\w*?/. -]/g, '\\$&')}`;
  const globs = [
    ...(pattern.endsWith('/') ? [] : [glob]),
    // `docs/*` is for what lies in it directly; every other pattern that names a folder is for all below it.
    ...(anchored && body.endsWith('/*') ? [] : [`${glob}/**`]),
  ];
  return picomatch(globs, { dot: true, nobrace: true, noextglob: true, nonegate: true });
}
