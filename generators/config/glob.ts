import picomatch from 'picomatch';

/** As generators/lifecycles reads globs: `*`, `**`, `?` and `{a,b}`; nothing that excludes, and nothing that takes minutes on a hostile name. */
const OPTIONS = {
  ...{ dot: true, nonegate: true, noextglob: true, nobracket: true, flags: 's' },
  strictBrackets: true,
} as const;

/** More take too long against a long path. */
const MAX_STARS = 12;

/** @returns why this is no glob of folders, or undefined where it is one. */
export function globProblem(glob: string): string | undefined {
  if (glob.startsWith('/')) return 'it starts at the root of the repository already: leave the first "/" out';
  if (glob.startsWith('!')) return 'nothing can be excluded with "!": name what is allowed';
  if (glob.includes('\\')) return 'folders are separated by "/", and nothing is escaped';
  if (glob.split('*').length - 1 > MAX_STARS) return `it has more than ${MAX_STARS} stars`;
  if (glob !== '.' && glob.split('/').some((part) => ['', '.', '..'].includes(part)))
    return 'it has an empty part, "." or ".." between its slashes';
  try {
    picomatch.makeRe(glob, OPTIONS);
    return undefined;
  } catch {
    return 'a bracket of it is not closed, or not opened';
  }
}
