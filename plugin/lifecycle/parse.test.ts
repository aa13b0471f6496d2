import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { Lifecycle } from './model.ts';
import { parseLifecycle, type ParseResult } from './parse.ts';
import { formatProblem, type Problem } from './problem.ts';
import { EXAMPLE, bytes, example } from './testing/example.ts';
import { lifecycles } from './testing/arbitrary.ts';

const read = (text: string): ParseResult => parseLifecycle(bytes(text), 'lifecycle.yaml');

function lifecycleOf(result: ParseResult): Lifecycle {
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.lifecycle;
}

const problemsOf = (result: ParseResult): readonly Problem[] => (result.ok ? [] : result.problems);

describe('a valid file', () => {
  test('is read with its defaults filled in', () => {
    const { spec } = lifecycleOf(read(EXAMPLE));
    expect(spec.application).toMatchObject({ port: 8000, readinessPath: '/foster' });
    expect(spec.application.smokeTest).toEqual({ path: '/', expectStatus: 200 });
    expect(spec.database).toMatchObject({ provider: 'crunchy', replicas: 1 });
    expect(spec.backup.onDemand?.type).toBe('full');
    expect(spec.green).toMatchObject({ strategy: 'Clone', windowBudget: '10m', attempt: 1 });
  });

  test.each([
    ['a byte order mark', `\ufeff${EXAMPLE}`],
    ["Windows' line ends", EXAMPLE.replaceAll('\n', '\r\n')],
    ['no newline at its end', EXAMPLE.trimEnd()],
    ['a document mark', `---\n${EXAMPLE}`],
    ['an anchor and its alias', example(['"1.3" }', '&v "1.3" }'], ['version: "1.4"', 'version: *v'])],
  ])('may have %s', (_, text) => {
    expect(read(text).ok).toBe(true);
  });

  test('may patch what the plan does not own', () => {
    const pod = `{ spec: { imagePullSecrets: [{ name: pull }], affinity: {}, containers: [
      { name: application, resources: {}, envFrom: [], env: [{ name: API_TOKEN, valueFrom: {} }] }, { name: proxy, image: x }] } }`;
    const database = `{ image: x, instances: [{ name: set1, resources: {}, tolerations: [] }], proxy: {},
      patroni: { dynamicConfiguration: { synchronous_mode: true } }, backups: { pgbackrest: { jobs: {} } } }`;
    const text = example(['podTemplate: {}', `podTemplate: ${pod}`], ['    spec: {}', `    spec: ${database}`]);
    expect(problemsOf(read(text)).map(formatProblem)).toEqual([]);
  });

  test.each([
    'a: postgres://$(DB_USER):$(DB_PASSWORD)@$(DB_ADDR)/x',
    'secretName: bestie-tls',
    'tokenExpirationSeconds: 3600',
    'url: https://example.com:443/a@b',
  ])('may hold what only looks like a credential: %s', (field) => {
    expect(
      problemsOf(
        read(
          example([
            'podTemplate: {}',
            `podTemplate: { spec: { ${JSON.stringify(field.split(': ')[0])}: ${JSON.stringify(field.slice(field.indexOf(': ') + 2))} } }`,
          ]),
        ),
      ),
    ).toEqual([]);
  });
});

test('every problem of a file is reported at once, in the order of the source', () => {
  const text = example(
    ['quay.io/opdev/bestie', 'quay.io/opdev/bestie:1.3'],
    ['postgresVersion: 15', 'postgresVersion: 9'],
    ['    storage: 10Gi', '    storage: 10Gi\n    storage: 10Gi\n    colour: red'],
    ['maxReplicas: 10', 'maxReplicas: 1'],
    ['"0 1 * * 0"', '"0 1 * * 9"'],
    ['name: bestie2', 'name: bestie'],
  );
  const problems = problemsOf(read(text));
  expect(problems.map(({ code, path }) => `${path} ${code}`)).toEqual([
    'spec.application.image wrong-value',
    'spec.application.maxReplicas replicas-exceed-max',
    'spec.database.postgresVersion wrong-value',
    'spec.database.storage duplicate-key',
    'spec.database.colour unknown-field',
    'spec.backup.repositories[0].schedules.full bad-cron',
    'spec.green.name green-is-blue',
  ]);
});

test('a problem is one line: file, place, path, code, what is wrong, what to do', () => {
  const [problem] = problemsOf(read(example(['version: "1.3"', 'version: 1.3'])));
  expect(problem && formatProblem(problem)).toBe(
    'lifecycle.yaml:32:34: spec.blue.version: wrong-type: expected is a string, found is a number; put it in quotes',
  );
});

test('no problem shows the value of a credential, or breaks its line', () => {
  const text = example(
    ['{ env: [] }', '{ env: [{ name: "A\\nPASSWORD", value: hunter2 }, { name: API_TOKEN, value: hunter2 }] }'],
    ['podTemplate: {}', 'podTemplate: { "a\\n\\e[31mpassword": hunter2 }'],
    ['# serves now', '# postgres://me:hunter2@db'],
    ['quay.io/opdev/bestie', 'https://me:hunter2@quay.io/bestie'],
    ['spec: {}', 'spec: "hunter2'],
  );
  const whole = problemsOf(read(text.replace('spec: "hunter2', 'spec: {}')));
  const broken = problemsOf(read(text));
  const lines = [...whole, ...broken].map(formatProblem);
  expect(whole.length).toBeGreaterThan(3);
  expect(broken.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line).not.toContain('hunter2');
    expect(line).not.toMatch(/\p{Cc}/u);
  }
});

describe('hostile bytes', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 400 }).map(bytes),
    // Pieces of YAML in any order, so that many of them can be read.
    fc
      .array(
        fc.constantFrom(
          'a',
          ': ',
          '- ',
          '\n',
          '  ',
          '{',
          '}',
          '[',
          ']',
          ', ',
          '&a ',
          '*a',
          '!t ',
          '? ',
          '"',
          "'",
          '|\n',
          '---\n',
          '#',
          '<<',
          '__proto__',
          '1',
          '%YAML 1.1\n',
        ),
        { maxLength: 60 },
      )
      .map((pieces) => bytes(pieces.join(''))),
    // The example with one piece cut out and another put in.
    fc
      .tuple(fc.nat(EXAMPLE.length), fc.nat(20), fc.string({ maxLength: 10 }))
      .map(([at, length, text]) => bytes(EXAMPLE.slice(0, at) + text + EXAMPLE.slice(at + length))),
  );

  test('never throw, and every problem lies inside the file', () => {
    fc.assert(
      fc.property(hostile, (source) => {
        const lines = new TextDecoder('utf-8').decode(source).split('\n');
        for (const { line, column, detail, remedy } of problemsOf(parseLifecycle(source, 'f'))) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
          expect(detail + remedy).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['brackets', '['.repeat(10_000)],
    ['indentation', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
    ['dashes', '- '.repeat(10_000)],
    ['keys', Array.from({ length: 5_000 }, (_, key) => `k${key}: 1\n`).join('')],
    ['escapes', `a: "${'\\q'.repeat(5_000)}"`],
    ['letters before no scheme', `a: ${'a'.repeat(10_000)}`],
  ])('a great many %s are refused, with a bounded number of problems', (_, text) => {
    const problems = problemsOf(read(text));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(100);
  });
});

test('a lifecycle that was written reads back as itself', () => {
  fc.assert(
    fc.property(lifecycles, fc.constantFrom('block', 'flow'), (value, collectionStyle) => {
      const text = stringify(value, { collectionStyle });
      const first = lifecycleOf(read(text));
      expect(lifecycleOf(read(stringify(first, { collectionStyle })))).toEqual(first);
      expect(first).toMatchObject(parse(text) as object);
    }),
  );
});
