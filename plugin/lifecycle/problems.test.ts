import { describe, expect, test } from '@jest/globals';
import { FILE_ERRORS } from '../errors/file-errors.ts';
import { parseLifecycle } from './parse.ts';
import { bytes } from './testing/example.ts';
import { unmark } from './testing/marked.ts';
import { CASES, type Case } from './testing/problem-cases.ts';

function problemsOf(source: Uint8Array): readonly string[] {
  const result = parseLifecycle(source, 'lifecycle.yaml');
  return result.ok ? [] : result.problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

function expectedOf(source: Case): { readonly source: Uint8Array; readonly places: readonly string[] } {
  if (typeof source !== 'string') return { source, places: ['2:5'] };
  const { text, places } = unmark(source);
  return { source: bytes(text), places };
}

test('every code of a lifecycle file has a case', () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(FILE_ERRORS).sort());
});

describe.each(Object.entries(CASES))('%s', (code, cases) => {
  test.each(Object.entries(cases))('%s', (_, each) => {
    const { source, places } = expectedOf(each);
    const problems = problemsOf(source);
    // After the first syntax error the rest of the file may be read in a way that nobody meant.
    const relevant = code === 'yaml-syntax' ? problems.slice(0, 1) : problems;
    expect(relevant).toEqual(places.map((place) => `${place} ${code}`));
  });
});
