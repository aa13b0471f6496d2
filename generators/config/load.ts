import { ERRORS } from '../../plugin/errors/errors.ts';
import { FILE_ERRORS } from '../../plugin/errors/file-errors.ts';
import { formatPath } from '../../plugin/lifecycle/finding.ts';
import type { Finding as FileFinding } from '../../plugin/lifecycle/finding.ts';
import { decode } from '../../plugin/lifecycle/source/decode.ts';
import { locate } from '../../plugin/lifecycle/source/locate.ts';
import { placeOf } from '../../plugin/lifecycle/source/place.ts';
import { readYaml, type YamlSource } from '../../plugin/lifecycle/source/read-yaml.ts';
import { findSecrets } from '../../plugin/lifecycle/source/secrets.ts';
import { draftOf } from './draft.ts';
import type { Finding } from './finding.ts';
import { checkRules } from './rules.ts';
import type { Config } from './schema.ts';
import type { Secrets } from './secrets.ts';
import { checkShape } from './shape.ts';

/** One problem of the configuration, at its place. It never repeats a value that may be secret. */
interface ConfigProblem {
  readonly code: 'generator-config-invalid';
  readonly file: string;
  /** From 1; columns in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** `repositories[0].scm.token`; empty for the file as a whole. */
  readonly path: string;
  readonly detail: string;
  readonly remedy: string;
}

export type Loaded =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const CODE = 'generator-config-invalid';
/** Nobody reads more than these. */
const MAX_PROBLEMS = 100;

/**
 * Bytes of a configuration → the configuration, or every problem of it, in the order of the text.
 * @param file the name that the problems carry
 * @param secrets read for their being there; what they say stands in no problem
 */
export function loadConfig(source: Uint8Array, file: string, secrets: Secrets): Loaded {
  const decoded = decode(source);
  if (!decoded.ok) {
    const { place, code, detail } = decoded;
    const { remedy } = FILE_ERRORS[code];
    return { ok: false, problems: [{ code: CODE, file, ...place, path: '', detail, remedy }] };
  }
  const yaml = readYaml(decoded.text);
  const { config, findings } = check(yaml, decoded.text, secrets);
  if (config && findings.length === 0) return { ok: true, config };
  return { ok: false, problems: report(findings, yaml, decoded.text, file) };
}

function check(yaml: YamlSource, text: string, secrets: Secrets): { config?: Config; findings: readonly Finding[] } {
  const inText = [...yaml.findings, ...findSecrets(text, yaml.document)].map(ofFile);
  if (!('value' in yaml)) return { findings: inText };
  if (typeof yaml.value !== 'object' || yaml.value === null)
    return {
      findings: [...inText, { path: [], detail: 'it holds no configuration', remedy: 'see docs/how-to/generator.md' }],
    };
  const { config, findings } = checkShape(yaml.value);
  const all = [...inText, ...findings, ...checkRules(draftOf(yaml.value), secrets)];
  return config ? { config, findings: all } : { findings: all };
}

/** The YAML is read as that of a lifecycle file is. */
const ofFile = ({ code, detail, remedy = FILE_ERRORS[code].remedy, ...place }: FileFinding): Finding => ({
  ...place,
  detail,
  remedy,
});

function report(
  findings: readonly Finding[],
  { document }: YamlSource,
  text: string,
  file: string,
): readonly ConfigProblem[] {
  return findings
    .map((finding) => ({ finding, offset: finding.offset ?? locate(document, finding.path, finding.at ?? 'value') }))
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MAX_PROBLEMS)
    .map(({ finding: { path, detail, remedy = ERRORS[CODE].remedy }, offset }) => {
      return { code: CODE, file, ...placeOf(text, offset), path: formatPath(path), detail, remedy };
    });
}
