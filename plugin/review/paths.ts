/** Which paths of a tree are read for a review; paths are from the root of the repository, with "/". */

const parts = (path: string): readonly string[] => path.split('/');

/** As `lifecycle validate` finds them. */
export const isLifecycleFile = (path: string): boolean =>
  parts(path).at(-1) === 'lifecycle.yaml' && !parts(path).includes('node_modules');

/** The name that is not read, and that people may take for it. */
export const isMisnamed = (path: string): boolean =>
  parts(path).at(-1) === 'lifecycle.yml' && !parts(path).includes('node_modules');

/** What takes the place of a built-in template where its folder has a lifecycle file. */
export const isTemplate = (path: string): boolean => path.endsWith('.hbs') && parts(path).at(-2) === 'templates';

export const isReviewed = (path: string): boolean => isLifecycleFile(path) || isMisnamed(path) || isTemplate(path);

export const folderOf = (path: string): string => parts(path).slice(0, -1).join('/') || '.';
export const folderOfTemplate = (path: string): string => parts(path).slice(0, -2).join('/') || '.';

/** @param folder as `folderOf` has it. */
export const isBelow = (path: string, folder: string): boolean =>
  folder === '.' || path === folder || path.startsWith(`${folder}/`);

export const nameOfTemplate = (path: string): string => (parts(path).at(-1) ?? '').slice(0, -'.hbs'.length);
