import picomatch from 'picomatch';
import { LifecycleError } from '../../plugin/errors/errors.ts';

/** A glob with more of them takes too long against a long path. */
const MAX_STARS = 12;
const ROOT = '.';

export const YAML = 'lifecycle.yaml';
/** Nearly its name: never read, but not passed over in silence. */
export const YML = 'lifecycle.yml';

/** The folder of a file; `.` for the root. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? ROOT : path.slice(0, end);
}

export const fileIn = (folder: string, name: string): string => (folder === ROOT ? name : `${folder}/${name}`);

/**
 * Whether a folder matches one of the globs: `*` within a folder's name, `**` over folders, `{a,b}`; no extended globs and no `!`, which
 * could take long, or mean the contrary of what was meant.
 * @throws LifecycleError generator-bad-request
 */
export function foldersMatching(globs: readonly string[]): (folder: string) => boolean {
  const matchers = globs.map((glob) => {
    if (glob.length > 256 || glob.split('*').length - 1 > MAX_STARS)
      throw new LifecycleError(
        'generator-bad-request',
        `a glob is longer than 256 characters, or has more than ${MAX_STARS} stars`,
      );
    const matches = picomatch(glob, { dot: true, nonegate: true, noextglob: true, nobracket: true, flags: 's' });
    return (folder: string): boolean => (folder === ROOT ? glob === ROOT || glob === '**' : matches(folder));
  });
  return (folder) => matchers.some((matches) => matches(folder));
}

/** By code points, as Git orders names: the same everywhere. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
