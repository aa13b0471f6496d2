import picomatch from 'picomatch';

/** Where each source host looks for the file, and in which order. Gitea's has regular expressions in it, which are not read. */
export const CODE_OWNERS_FILES = {
  github: ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'],
  gitlab: ['CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'],
  gitea: [],
} as const;

/** A file that is larger is ignored by the hosts as well. */
const MOST_BYTES = 3 * 2 ** 20;

/** Of a path. */
export interface Owners {
  /** `@login`, `@org/team` or e-mail addresses, in the order of the file. */
  readonly owners: readonly string[];
  /** Why nobody owns it, where a line that may be about it cannot be read: for people. */
  readonly unread: string | undefined;
}

interface Rule {
  /** Of the file, from 1. */
  readonly line: number;
  /** `maybe` where the line cannot be read. */
  readonly matches: (path: string) => boolean | 'maybe';
  readonly owners: readonly string[];
  /** GitLab's `!pattern`: nobody of its section owns what it matches. */
  readonly excludes: boolean;
}

/**
 * Who owns a path by a CODEOWNERS file: the last rule that matches holds, one without owners too; of GitLab's sections each by itself.
 * Where that is a line which cannot be read, nobody does: it was written so that others than those of a wider one own what it is about.
 */
export function ownersOf(text: string, path: string, kind: 'github' | 'gitlab'): Owners {
  if (text.length > MOST_BYTES) return { owners: [], unread: 'CODEOWNERS is too large' };
  const found = sectionsOf(text, kind === 'gitlab').map((rules) => ownersBy(rules, path));
  const unread = found.find((each) => typeof each === 'number');
  if (unread !== undefined) return { owners: [], unread: `line ${unread} of CODEOWNERS cannot be read` };
  return { owners: [...new Set(found.flatMap((each) => (typeof each === 'number' ? [] : each)))], unread: undefined };
}

/** @returns the number of a line that cannot be read, where it may be what holds. */
function ownersBy(rules: readonly Rule[], path: string): readonly string[] | number {
  const matching = rules.flatMap((rule) => {
    const matches = rule.matches(path);
    return matches === false ? [] : [{ ...rule, matches }];
  });
  const excluding = matching.filter(({ excludes }) => excludes);
  if (excluding.some(({ matches }) => matches === true)) return [];
  const holds = excluding[0] ?? matching.at(-1);
  if (holds?.matches === 'maybe') return holds.line;
  return holds?.owners ?? [];
}

/** `[Database]`, `^[Optional]`, `[Database][2]`, each with owners of those rules that name none. */
const HEADING = /^\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$/;

function sectionsOf(text: string, hasSections: boolean): readonly (readonly Rule[])[] {
  const sections = new Map<string, Rule[]>();
  let [current, defaults]: [string, readonly string[]] = ['', []];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = withoutComment(line).trim();
    const heading = hasSections ? HEADING.exec(content) : null;
    if (heading) {
      [current, defaults] = [(heading[1] ?? '').toLowerCase(), ownersIn((heading[2] ?? '').split(/\s+/))];
      continue;
    }
    if (content === '') continue;
    const rule = ruleOf(content, index + 1, defaults, hasSections);
    sections.set(current, [...(sections.get(current) ?? []), rule]);
  }
  return [...sections.values()];
}

const withoutComment = (line: string): string => line.replace(/(^|\s)#.*$/, '');

function ruleOf(content: string, line: number, defaults: readonly string[], isGitlab: boolean): Rule {
  const [first = '', ...named] = content.split(/\s+/);
  const excludes = isGitlab && first.startsWith('!');
  const pattern = excludes ? first.slice(1) : first;
  const matches = matcherOf(pattern, isAnchored(pattern, isGitlab)) ?? mayMatch(pattern, isAnchored(pattern, isGitlab));
  // Defaults are for a rule that names nobody, not for one that names what is not read, as `@@maintainers`.
  return { line, matches, owners: named.length > 0 ? ownersIn(named) : defaults, excludes };
}

/** A slash anywhere but at the end ties a pattern to the root; at GitLab only one at its begin does. */
const isAnchored = (pattern: string, isGitlab: boolean): boolean =>
  isGitlab ? pattern.startsWith('/') : pattern.slice(0, -1).includes('/');

/** Of a pattern that is not read what stands before its first sign has to be there, if it is tied to the root. */
function mayMatch(pattern: string, anchored: boolean): Rule['matches'] {
  const [start = ''] = pattern.replace(/^\//, '').split(/[^\w./-]/);
  return (path) => (!anchored || path.startsWith(start) ? 'maybe' : false);
}

const ownersIn = (words: readonly string[]): readonly string[] =>
  words.filter((word) => /^(?:@[\w.-]+(?:\/[\w.-]+)*|[^\s@]+@[^\s@]+)$/.test(word));

/** Each star more multiplies the time of a comparison. */
const MOST_STARS = 8;

/**
 * A pattern as of a .gitignore, without what CODEOWNERS does not know of it: negation, ranges, escapes.
 * @returns undefined where it is none
 */
function matcherOf(pattern: string, anchored: boolean): ((path: string) => boolean) | undefined {
  if (pattern === '' || pattern.length > 512 || /^!|[\\[\]]/.test(pattern)) return undefined;
  if (pattern.replace(/^\*\*\/|\/\*\*$/, '').split('*').length > MOST_STARS) return undefined;
  const body = pattern.replace(/^\//, '').replace(/\/$/, '');
  if (body === '') return undefined;
  const glob = `${anchored ? '' : '**/'}${body.replaceAll(/[^\w*?/. -]/g, '\\$&')}`;
  const globs = [
    ...(pattern.endsWith('/') ? [] : [glob]),
    // `docs/*` is for what lies in it directly; every other pattern that names a folder is for all below it.
    ...(anchored && body.endsWith('/*') ? [] : [`${glob}/**`]),
  ];
  return picomatch(globs, { dot: true, nobrace: true, noextglob: true, nonegate: true });
}
