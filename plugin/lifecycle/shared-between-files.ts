import type { Finding } from './finding.ts';
import type { Lifecycle } from './model.ts';
import type { Problem } from './problem.ts';
import { report } from './report.ts';
import { placesOf, type Place } from './repository-places.ts';
import type { YamlSource } from './source/read-yaml.ts';

/** A valid lifecycle file with the text that it was read from. */
export interface ReadFile {
  readonly file: string;
  readonly lifecycle: Lifecycle;
  readonly text: string;
  readonly yaml: YamlSource;
}

/** One place of one file. */
interface Claim {
  readonly source: ReadFile;
  readonly place: Place;
}

/**
 * What two valid files have in common and must not: a place of backups (I8). Reported in both, each naming the other.
 * A container of Azure belongs to a storage account, which only its Secret names: nothing is said of those.
 * @param isAbout files of which at least one has to be among those that meet
 */
export function sharedBetweenFiles(
  files: readonly ReadFile[],
  isAbout: (file: string) => boolean = () => true,
): readonly Problem[] {
  const claims = Map.groupBy(files.flatMap(claimsOf), ({ place }) => place.key);
  const isAsked = (place: Place): boolean => claims.get(place.key)?.some(({ source }) => isAbout(source.file)) === true;
  return files.flatMap((source) => {
    const findings = claimsOf(source).flatMap(({ place }) => {
      const other = claims.get(place.key)?.find((claim) => claim.source.file !== source.file);
      return other === undefined || !isAsked(place) ? [] : [finding(place, other)];
    });
    return report(findings, source.yaml, source.text, source.file);
  });
}

const claimsOf = (source: ReadFile): readonly Claim[] =>
  placesOf(source.lifecycle)
    .filter(({ key }) => !key.startsWith('azure '))
    .map((place) => ({ source, place }));

function finding(place: Place, { source, place: taken }: Claim): Finding {
  return {
    code: 'repositories-share-path',
    path: place.path,
    detail: `${taken.what} of ${source.file} has the same bucket and path`,
    remedy: 'give one of the two another bucket or path, unless it is a copy that is never deployed beside the other',
  };
}
