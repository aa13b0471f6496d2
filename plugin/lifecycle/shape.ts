import type { z } from 'zod';
import type { FileErrorCode } from '../errors/file-errors.ts';
import { without, type Draft } from './draft.ts';
import { explain } from './explain-issue.ts';
import { quoteKey, type Finding, type Path } from './finding.ts';
import type { Lifecycle } from './model.ts';
import { NAME_PATTERNS } from './fields.ts';
import { lifecycleSchema } from './schema.ts';

type Issue = z.core.$ZodIssue;

export interface Shape {
  /** Absent when the shape is wrong somewhere. */
  readonly lifecycle?: Lifecycle;
  /** What of it has the right shape. */
  readonly draft: Draft;
  readonly findings: readonly Finding[];
}

/** Checks the shape of a value: types, known fields, allowed values. */
export function checkShape(value: unknown): Shape {
  // Once a process: compiling the schema with `new Function`, as zod does otherwise, costs more than it saves.
  const { success, data, error } = lifecycleSchema.safeParse(value, { jitless: true });
  if (success) return { lifecycle: data, draft: data, findings: [] };
  const findings = error.issues.flatMap((issue) => findingsOf(issue, value));
  const wrong = findings.filter(({ code }) => code !== 'missing-field');
  const draft = without(
    value,
    wrong.map(({ path }) => path),
  );
  return { draft: draft ?? {}, findings };
}

function findingsOf(issue: Issue, value: unknown): readonly Finding[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path, key));
  const found = valueAt(value, path);
  if (isApi(path)) return [{ code: 'wrong-api', path, detail: `${path.join()} is not the one that is expected` }];
  if (found === undefined)
    return [{ code: 'missing-field', path, detail: `${quoteKey(String(path.at(-1)))} is missing` }];
  return [{ code: codeOf(issue, path), path, ...explain(issue, found) }];
}

function unknownField(parent: Path, key: string): Finding {
  const path = [...parent, key];
  if (parent.length === 0 && key === 'status') return { code: 'status-in-file', path, at: 'key', detail: 'a status' };
  return { code: 'unknown-field', path, at: 'key', detail: `there is no field ${quoteKey(key)} here` };
}

function isApi(path: Path): boolean {
  return path.length === 1 && (path[0] === 'apiVersion' || path[0] === 'kind');
}

/** Whole subjects have a code of their own, whatever is wrong with their shape. */
const BY_PARENT: Partial<Readonly<Record<string, FileErrorCode>>> = {
  schedules: 'bad-cron',
  retention: 'bad-retention',
};

function codeOf(issue: Issue, path: Path): FileErrorCode {
  const subject = BY_PARENT[String(path.at(-2))];
  if (subject) return subject;
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') return 'wrong-type';
  if (issue.code === 'invalid_format' && NAME_PATTERNS.includes(String(issue['pattern']))) return 'name-invalid';
  if (issue.code === 'too_big' && issue.origin === 'string' && issue.maximum === 63) return 'name-too-long';
  return 'wrong-value';
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Readonly<Record<string | number, unknown>>)[part]
        : undefined,
    value,
  );
}
