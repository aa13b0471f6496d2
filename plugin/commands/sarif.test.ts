import { describe, expect, test } from '@jest/globals';
import type { Log, Result } from 'sarif';
import type { Problem } from '../lifecycle/problem.ts';
import { sarif } from './sarif.ts';

const problem = (more: Partial<Problem> = {}): Problem => ({
  code: 'unknown-field',
  file: 'apps/bestie/lifecycle.yaml',
  line: 9,
  column: 15,
  path: 'spec.green',
  detail: 'there is no field "x" here',
  remedy: 'remove it',
  ...more,
});
const resultsOf = (...problems: readonly Problem[]): readonly Result[] =>
  (JSON.parse(sarif(problems)) as Log).runs[0]?.results ?? [];

/** The official schema has its say when the types that it is written with change; here is what code scanning reads. */
describe('SARIF', () => {
  test('a problem is a result at its place, of a rule that says what to do', () => {
    const log = JSON.parse(sarif([problem(), problem({ code: 'bad-cron' })])) as Log;
    const rules = log.runs[0]?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual(['bad-cron', 'unknown-field']);
    expect(rules[1]?.help?.text).toContain('What to do: correct its name or remove it.');
    expect(log.runs[0]?.results?.[0]).toMatchObject({
      ruleId: 'unknown-field',
      ruleIndex: 1,
      level: 'error',
      message: { text: 'spec.green: there is no field "x" here; remove it' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'apps/bestie/lifecycle.yaml', uriBaseId: 'SRCROOT' },
            region: { startLine: 9, startColumn: 15 },
          },
          logicalLocations: [{ fullyQualifiedName: 'spec.green' }],
        },
      ],
    });
  });

  test('no problem: no results, which closes those of before', () => {
    expect(resultsOf()).toEqual([]);
    expect(sarif([])).toContain('"results": []');
  });

  test('a fingerprint is of the problem, not of its line; two alike are told apart', () => {
    const prints = resultsOf(problem(), problem({ line: 12 })).map(({ partialFingerprints }) => partialFingerprints);
    expect(prints[0]).not.toEqual(prints[1]);
    expect(resultsOf(problem({ line: 99 }))[0]?.partialFingerprints).toEqual(prints[0]);
    expect(resultsOf(problem({ path: 'spec.blue' }))[0]?.partialFingerprints).not.toEqual(prints[0]);
  });

  test.each([
    ['a b/lifecycle.yaml', 'a%20b/lifecycle.yaml'],
    ['https:/evil?x#y/lifecycle.yaml', 'https%3A/evil%3Fx%23y/lifecycle.yaml'],
    ['%2e%2e/ü/lifecycle.yaml', '%252e%252e/%C3%BC/lifecycle.yaml'],
    ['\ud800/lifecycle.yaml', '%EF%BF%BD/lifecycle.yaml'],
  ])('%j is a relative reference', (file, uri) => {
    expect(resultsOf(problem({ file }))[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe(uri);
  });

  test('a file makes no link in a message', () => {
    const [result] = resultsOf(problem({ detail: 'there is no field [x](https://evil.example)\u202e' }));
    expect(result?.message.text).toContain('[x] (https://evil.example)\\u{202e}');
  });
});
