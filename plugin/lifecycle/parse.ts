import { FILE_ERRORS } from '../errors/file-errors.ts';
import type { Finding } from './finding.ts';
import type { Lifecycle } from './model.ts';
import type { Problem } from './problem.ts';
import { report } from './report.ts';
import { checkRules } from './rules.ts';
import { checkShape } from './shape.ts';
import { decode } from './source/decode.ts';
import { readYaml, type YamlSource } from './source/read-yaml.ts';
import { findSecrets } from './source/secrets.ts';
import { notSupportedYet } from './unsupported.ts';

export type ParseResult =
  { readonly ok: true; readonly lifecycle: Lifecycle } | { readonly ok: false; readonly problems: readonly Problem[] };

/** A lifecycle together with the text that it was read from. */
export type ReadResult =
  | { readonly ok: true; readonly lifecycle: Lifecycle; readonly text: string; readonly yaml: YamlSource }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Bytes of a lifecycle file → the lifecycle, or every problem of the file, in the order of the source (the first 100).
 * @param file the name that the problems carry
 * @returns never throws, whatever the bytes are
 */
export function parseLifecycle(source: Uint8Array, file: string): ParseResult {
  const read = readLifecycle(source, file);
  return read.ok ? { ok: true, lifecycle: read.lifecycle } : read;
}

export function readLifecycle(source: Uint8Array, file: string): ReadResult {
  const decoded = decode(source);
  if (!decoded.ok) {
    const { code, place, detail } = decoded;
    return { ok: false, problems: [{ code, file, ...place, path: '', detail, remedy: FILE_ERRORS[code].remedy }] };
  }
  const { text } = decoded;
  const yaml = readYaml(text);
  const { lifecycle, findings } = check(yaml, text);
  if (lifecycle && findings.length === 0) return { ok: true, lifecycle, text, yaml };
  return { ok: false, problems: report(findings, yaml, text, file) };
}

function check(yaml: YamlSource, text: string): { lifecycle?: Lifecycle; findings: readonly Finding[] } {
  const source = [...yaml.findings, ...findSecrets(text, yaml.document)];
  if (!('value' in yaml)) return { findings: source };
  if (yaml.value === null) return { findings: [...source, { code: 'empty-file', path: [], detail: 'nothing in it' }] };
  const { lifecycle, draft, findings: shape } = checkShape(yaml.value);
  const findings = [...source, ...shape, ...checkRules(draft)];
  if (!lifecycle || findings.length > 0) return { findings };
  return { lifecycle, findings: notSupportedYet(lifecycle) };
}
