import { FILE_ERRORS } from '../errors/file-errors.ts';
import { formatPath, type Finding } from './finding.ts';
import type { Lifecycle } from './model.ts';
import { comparePlaces, type Problem } from './problem.ts';
import { checkRules } from './rules.ts';
import { checkShape } from './shape.ts';
import { decode } from './source/decode.ts';
import { locate } from './source/locate.ts';
import { readYaml, type YamlSource } from './source/read-yaml.ts';
import { notSupportedYet } from './unsupported.ts';

export type ParseResult =
  { readonly ok: true; readonly lifecycle: Lifecycle } | { readonly ok: false; readonly problems: readonly Problem[] };

/** A broken file can have a problem at every byte; nobody reads more than these. */
const MAX_PROBLEMS = 100;

/**
 * Bytes of a lifecycle file → the lifecycle, or every problem of the file, in the order of the source (the first 100).
 * @param file the name that the problems carry
 * @returns never throws, whatever the bytes are
 */
export function parseLifecycle(source: Uint8Array, file: string): ParseResult {
  const decoded = decode(source);
  if (!decoded.ok) {
    const { code, place, detail } = decoded;
    return { ok: false, problems: [{ code, file, ...place, path: '', detail, remedy: FILE_ERRORS[code].remedy }] };
  }
  const yaml = readYaml(decoded.text);
  const { lifecycle, findings } = check(yaml);
  if (lifecycle && findings.length === 0) return { ok: true, lifecycle };
  const problems = findings.map((finding) => toProblem(finding, yaml, file)).sort(comparePlaces);
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

function check(yaml: YamlSource): { lifecycle?: Lifecycle; findings: readonly Finding[] } {
  const source = [...yaml.findings];
  if (!('value' in yaml)) return { findings: source };
  if (yaml.value === null) return { findings: [...source, { code: 'empty-file', path: [], detail: 'nothing in it' }] };
  const { lifecycle, draft, findings: shape } = checkShape(yaml.value);
  const findings = [...source, ...shape, ...checkRules(draft)];
  if (!lifecycle || findings.length > 0) return { findings };
  return { lifecycle, findings: notSupportedYet(lifecycle) };
}

/** Turns a finding into a problem at its place. */
export function toProblem(finding: Finding, { document, lines }: YamlSource, file: string): Problem {
  const { code, path, detail, at = 'value', remedy = FILE_ERRORS[code].remedy } = finding;
  const { line, col } = lines.linePos(finding.offset ?? locate(document, path, at));
  return { code, file, line: Math.max(1, line), column: Math.max(1, col), path: formatPath(path), detail, remedy };
}
