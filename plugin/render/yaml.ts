import { parseAllDocuments, stringify } from 'yaml';
import { canonicalJson } from '../plan/digest.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/**
 * Objects → one YAML stream; read again before it is returned, so that what is printed is what was checked (I2).
 * Strings are quoted as YAML 1.1 needs it (`yes`, `0o7`, `12:30`), because Argo CD's parser still knows those rules.
 */
export function toYaml(objects: readonly KubernetesObject[]): string {
  const text = objects
    .map((object) => `---\n${stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join('');
  const documents = parseAllDocuments(text, { version: '1.1' });
  const same =
    documents.length === objects.length &&
    documents.every(
      (document, index) =>
        document.errors.length === 0 && canonicalJson(document.toJS()) === canonicalJson(objects[index]),
    );
  if (!same) throw new Error('the rendered output does not read back as the same objects');
  return text;
}
