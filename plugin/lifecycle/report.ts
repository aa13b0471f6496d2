import { FILE_ERRORS } from '../errors/file-errors.ts';
import { formatPath, type Finding } from './finding.ts';
import type { Problem } from './problem.ts';
import { locate } from './source/locate.ts';
import { placeOf } from './source/place.ts';
import type { YamlSource } from './source/read-yaml.ts';

/** A broken file can have a problem at every byte; nobody reads more than these. */
const MAX_PROBLEMS = 100;

interface Located {
  readonly finding: Finding;
  readonly offset: number;
}

/**
 * Findings → problems at their places, in the order of the source; of several of one code at one place, the first.
 * At most MAX_PROBLEMS.
 */
export function report(
  findings: readonly Finding[],
  { document }: YamlSource,
  text: string,
  file: string,
): readonly Problem[] {
  const distinct = new Map<string, Located>();
  for (const finding of findings) {
    const offset = finding.offset ?? locate(document, finding.path, finding.at ?? 'value');
    const key = `${offset} ${finding.code}`;
    if (!distinct.has(key)) distinct.set(key, { finding, offset });
  }
  const inOrder = [...distinct.values()].sort((a, b) => a.offset - b.offset);
  return inOrder.slice(0, MAX_PROBLEMS).map(({ finding, offset }) => {
    const { code, path, detail, remedy = FILE_ERRORS[code].remedy } = finding;
    return { code, file, ...placeOf(text, offset), path: formatPath(path), detail, remedy };
  });
}
