import { readLifecycle } from '../../plugin/lifecycle/parse.ts';
import { sharedBetweenFiles, type ReadFile } from '../../plugin/lifecycle/shared-between-files.ts';
import { locate } from '../../plugin/lifecycle/source/locate.ts';
import { placeOf } from '../../plugin/lifecycle/source/place.ts';
import type { Holder } from './claims.ts';
import { textOfWrong } from './reading.ts';

/** The file as whoever reads about it elsewhere finds it. */
const placeIn = ({ branch, entry }: Holder): string =>
  `${branch.repository.url}:${entry.path}${entry.commit === undefined ? '' : ` at ${entry.commit.slice(0, 12)}`}`;

/** What two files have in common, as a problem of the first one. */
export function clashText(
  mine: Holder,
  other: Holder,
  isName: boolean,
  contentOf: (holder: Holder) => Uint8Array,
  verdict: string,
): string {
  const [own, its] = [mine, other].map((holder) => readFile(holder, contentOf(holder)));
  const shared =
    own && its && !isName ? sharedBetweenFiles([own, its]).find(({ file }) => file === own.file) : undefined;
  if (shared) {
    const { code, line, column, detail } = shared;
    return textOfWrong(mine.entry.path, { code, line, column, detail: `${detail}; ${verdict}` });
  }
  const place = own
    ? placeOf(own.text, locate(own.yaml.document, ['metadata', 'name'], 'value'))
    : { line: 1, column: 1 };
  const { namespace, facts } = mine.entry;
  const detail = `${namespace}/${facts.name} is ${placeIn(other)} too; ${verdict}`;
  return textOfWrong(mine.entry.path, { code: 'generator-lifecycle-twice', ...place, detail });
}

function readFile(holder: Holder, content: Uint8Array): ReadFile | undefined {
  const file = placeIn(holder);
  const read = readLifecycle(content, file);
  return read.ok ? { file, lifecycle: read.lifecycle, text: read.text, yaml: read.yaml } : undefined;
}
