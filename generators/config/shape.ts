import type { z } from 'zod';
import { explain } from '../../plugin/lifecycle/explain-issue.ts';
import { quoteKey, type Path } from '../../plugin/lifecycle/finding.ts';
import { valueAt } from '../../plugin/lifecycle/shape.ts';
import type { Finding } from './finding.ts';
import { configSchema, type Config } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** Types, known fields, allowed values. */
export function checkShape(value: unknown): { readonly config?: Config; readonly findings: readonly Finding[] } {
  const { success, data, error } = configSchema.safeParse(value);
  if (success) return { config: data, findings: [] };
  return { findings: error.issues.flatMap((issue) => findingsOf(issue, [], value)) };
}

/** @param above where the value of the issue stands: within a union paths start anew. */
function findingsOf(issue: Issue, above: Path, value: unknown): readonly Finding[] {
  const path = [...above, ...issue.path.filter((part) => typeof part !== 'symbol')];
  const found = valueAt(value, path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const detail = `there is no field ${quoteKey(key)} here`;
      return { path: [...path, key], at: 'key', detail, remedy: 'correct its name or remove it' };
    });
  if (found === undefined) return [{ path, detail: `${quoteKey(String(path.at(-1)))} is missing`, remedy: 'add it' }];
  if (issue.code === 'invalid_union') return ofUnion(issue, path, value);
  return [{ path, ...explain(issue, found) }];
}

/** What is wrong with the alternative that was meant: the one that has all fields that are there. */
function ofUnion(issue: Issue & { readonly code: 'invalid_union' }, path: Path, value: unknown): readonly Finding[] {
  const meant = issue.errors.filter((issues) => issues.every(({ code }) => code !== 'unrecognized_keys'));
  const [only] = meant;
  const isMapping = typeof valueAt(value, path) === 'object';
  if (isMapping && meant.length === 1 && only) return only.flatMap((inner) => findingsOf(inner, path, value));
  return [{ path, detail: `expected is ${ALTERNATIVES[String(path.at(-1))] ?? SECRET}` }];
}

const SECRET = 'a mapping, either file: with an absolute path or env: with the name of a variable; no secret itself';
const ALTERNATIVES: Partial<Readonly<Record<string, string>>> = {
  credentials: 'a mapping, either of username and password or of sshKey and knownHosts',
};
