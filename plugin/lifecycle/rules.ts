import type { Draft } from './draft.ts';
import type { Finding } from './finding.ts';
import { repositories, repositoryReferences, sharedPaths } from './rules/backup.ts';
import { certificateAuthorities } from './rules/certificate-authorities.ts';
import { patchSecrets, environmentSecrets, commandSecrets } from './rules/credentials.ts';
import { environment, previewNames } from './rules/environment.ts';
import { greenOrRestore, restoreFields, rollbackFields } from './rules/green-or-restore.ts';
import { closedNames, collisions, fixedNames, greenIsBlue, reservedNames } from './rules/names.ts';
import { nameLengths } from './rules/name-lengths.ts';
import { metadataKeys, patchedKeys } from './rules/metadata-keys.ts';
import { migrationPod } from './rules/migration-pod.ts';
import { ownedFields } from './rules/owned-fields.ts';
import { ownedLists } from './rules/owned-lists.ts';
import { parameters } from './rules/parameters.ts';
import { replicas } from './rules/replicas.ts';
import { sharedPlaces, writtenPaths } from './rules/repository-paths.ts';
import { schedules } from './rules/schedules.ts';
import { sourceLost } from './rules/source-lost.ts';
import { shells } from './rules/shells.ts';
import type { Rule } from './rules/rule.ts';

const RULES: readonly Rule[] = [
  certificateAuthorities,
  closedNames,
  collisions,
  commandSecrets,
  environment,
  environmentSecrets,
  fixedNames,
  greenIsBlue,
  greenOrRestore,
  metadataKeys,
  migrationPod,
  nameLengths,
  ownedFields,
  ownedLists,
  parameters,
  patchSecrets,
  patchedKeys,
  previewNames,
  replicas,
  repositories,
  repositoryReferences,
  reservedNames,
  restoreFields,
  rollbackFields,
  schedules,
  sharedPaths,
  sharedPlaces,
  shells,
  sourceLost,
  writtenPaths,
];

/** Every relation between fields that does not hold. */
export function checkRules(draft: Draft): readonly Finding[] {
  return RULES.flatMap((rule) => rule(draft));
}
