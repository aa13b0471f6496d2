import type { z } from 'zod';
import type { Finding } from './finding.ts';

export type Explanation = Pick<Finding, 'detail' | 'at' | 'remedy'>;

/** Says what is expected. Never repeats the value: it may be a secret in the wrong place. */
export function explain(issue: z.core.$ZodIssue, found: unknown): Explanation {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected === 'int' ? 'a whole number' : issue.expected, found);
    case 'invalid_union':
      return wrongType('a string, a number or a boolean', found);
    case 'invalid_value':
      return { detail: `allowed is ${issue.values.map(String).join(', ')}` };
    case 'too_small':
      return { detail: `at least ${limit(issue.origin, issue.minimum)}` };
    case 'too_big':
      return { detail: `at most ${limit(issue.origin, issue.maximum)}` };
    case 'invalid_key':
      return { detail: issue.issues[0]?.message ?? issue.message, at: 'key' };
    default:
      return { detail: `expected is ${issue.message}` };
  }
}

function limit(origin: string, bound: number | bigint): string {
  const unit = { string: ' characters', array: ' items' }[origin] ?? '';
  return `${bound}${unit}`;
}

function wrongType(expected: string, found: unknown): Explanation {
  const type = found === null ? 'nothing' : Array.isArray(found) ? 'a list' : (FOUND[typeof found] ?? typeof found);
  const detail = `expected is ${EXPECTED[expected] ?? expected}, found is ${type}`;
  const quote = expected === 'string' && (typeof found === 'number' || typeof found === 'boolean');
  return quote ? { detail, remedy: 'put it in quotes' } : { detail };
}

const EXPECTED: Partial<Readonly<Record<string, string>>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a string',
  number: 'a number',
};
const FOUND: Partial<Readonly<Record<string, string>>> = {
  object: 'a mapping',
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
};
