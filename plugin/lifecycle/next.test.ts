import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDocument, stringify, visit } from 'yaml';
import { nextStage, type NewGreen, type NextResult } from './next.ts';
import { parseLifecycle } from './parse.ts';
import type { Decision, Status } from './status.ts';
import { EXAMPLE, bytes, example, exampleAtRest } from './testing/example.ts';
import { lifecycles } from './testing/arbitrary.ts';

const GREEN: NewGreen = { name: 'bestie2', version: '1.4' };

const LIFE = '0a1b2c3d4e';

const next = (text: string, green?: NewGreen, status?: Status): NextResult =>
  nextStage(bytes(text), 'lifecycle.yaml', { life: LIFE, ...(green && { green }), ...(status && { status }) });

function textOf(result: NextResult): string {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.text;
}

const codesOf = (result: NextResult): readonly string[] =>
  result.ok ? [] : result.problems.map(({ code, line }) => `${line} ${code}`);

/** Where a new green's backups are: a place that no other life of any instance has. Its volume is its own anyway. */
const PATHS = `    repositoryPaths:\n      repo2: /pgbackrest/bestie/bestie2/${LIFE}/repo2\n`;

describe('at rest', () => {
  test('the new instance is added behind blue, and nothing else changes', () => {
    const text = exampleAtRest();
    const result = next(text, GREEN);
    expect(result).toMatchObject({ from: 'AtRest', to: 'Prepare' });
    expect(textOf(result)).toBe(
      `${text}  green:\n    name: bestie2\n    version: "1.4"\n    strategy: Clone\n    stage: Prepare\n${PATHS}`,
    );
  });

  test('blue may stand before other fields, in a block, with comments around it', () => {
    const blue =
      '  blue: # serves\n    name: bestie # the first\n    version: "1.3" # the last\n  # clients come in here\n';
    const text = exampleAtRest(
      ['  blue: { name: bestie, version: "1.3" } # serves now\n', ''],
      ['  traffic:', `${blue}  traffic:`],
    );
    expect(textOf(next(text, GREEN))).toBe(
      text.replace(
        '# the last\n',
        (line) =>
          `${line}  green:\n    name: bestie2\n    version: "1.4"\n    strategy: Clone\n    stage: Prepare\n${PATHS}`,
      ),
    );
  });

  test('the file may end without a newline, or have the line ends of Windows', () => {
    const bare = exampleAtRest().trimEnd();
    expect(textOf(next(bare, GREEN))).toBe(textOf(next(`${bare}\n`, GREEN)));
    const windows = textOf(next(exampleAtRest().replaceAll('\n', '\r\n'), GREEN));
    expect(windows.replaceAll('\r\n', '')).not.toContain('\n');
  });

  test('a file in brackets stays one', () => {
    const text = stringify(parseDocument(exampleAtRest()).toJS(), { collectionStyle: 'flow', lineWidth: 0 });
    const changed = textOf(next(text, GREEN));
    expect(changed).toContain(
      'green: { name: bestie2, version: "1.4", strategy: Clone, stage: Prepare, repositoryPaths',
    );
  });

  test('a number as a version stays text', () => {
    expect(textOf(next(exampleAtRest(), { name: 'bestie2', version: '1.10' }))).toContain('version: "1.10"');
  });

  test('without the name of the new instance it is refused', () => {
    expect(codesOf(next(exampleAtRest()))).toEqual(['6 next-needs-green']);
  });

  test('a new instance that breaks a rule is reported', () => {
    expect(codesOf(next(exampleAtRest(), { name: 'bestie', version: '1.4' }))).toEqual(['34 green-is-blue']);
    expect(codesOf(next(exampleAtRest(), { name: 'B: {', version: '1.4' }))).toEqual(['34 name-invalid']);
  });
});

describe('Prepare', () => {
  test('becomes Switch, and nothing else changes', () => {
    const text = EXAMPLE + PATHS;
    const result = next(text);
    expect(result).toMatchObject({ from: 'Prepare', to: 'Switch' });
    expect(textOf(result)).toBe(text.replace('stage: Prepare #', () => 'stage: Switch #'));
  });

  test('a green that was written by hand gets its paths', () => {
    expect(textOf(next(EXAMPLE))).toBe(EXAMPLE.replace('stage: Prepare #', () => 'stage: Switch #') + PATHS);
  });

  test('may be written in quotes', () => {
    expect(textOf(next(example(['stage: Prepare', 'stage: "Prepare"'])))).toContain('stage: Switch # then');
  });

  test('with a new instance it is refused', () => {
    expect(codesOf(next(EXAMPLE, GREEN))).toEqual(['33 next-green-exists']);
  });

  test('an edit that would reach further, through an anchor, is refused', () => {
    const text = example(
      ['podTemplate: {}', 'podTemplate: { metadata: { annotations: { stage: &s Prepare } } }'],
      ['stage: Prepare', 'stage: *s'],
    );
    const changed = textOf(next(text));
    expect(changed).toContain('&s Prepare');
    expect(changed).toContain('stage: Switch #');
    const shared = example(
      ['podTemplate: {}', 'podTemplate: { metadata: { annotations: &g { name: g, version: "1", stage: Prepare } } }'],
      ['    name: bestie2\n    version: "1.4"\n    stage: Prepare # then Switch\n', ''],
      ['  green:', '  green: *g'],
    );
    expect(codesOf(next(shared))).toEqual(['33 yaml-feature']);
  });
});

/** The ledger of a switch from bestie to bestie2 that was confirmed. */
function confirmed(attempt = 1): Status {
  const at = '2026-11-22T10:00:00Z';
  const digest = 'dddddddddddd';
  return {
    serving: { instance: 'bestie2', version: '1.4', since: at, digest },
    decision: {
      digest,
      state: 'Committed',
      attempt,
      blue: 'bestie',
      green: 'bestie2',
      openedAt: at,
      blueClosed: at,
    },
    steps: [{ digest, step: 'confirm', state: 'Done', startedAt: at }],
  };
}

describe('Switch', () => {
  const SWITCH = example(['stage: Prepare', 'stage: Switch']);

  test('when it was confirmed, green is the new blue, and its backups stay where they are', () => {
    const result = next(SWITCH, undefined, confirmed());
    expect(result).toMatchObject({ from: 'Switch', to: 'AtRest' });
    const text = textOf(result);
    const blue = `  blue: { name: bestie2, version: "1.4", repositoryPaths: { repo2: /pgbackrest/bestie2/1/repo2 } } # serves now
  closed:
    - name: bestie
      version: "1.3"
      repositoryPaths:
        repo2: /pgbackrest/bestie/1/repo2
`;
    expect(text).toBe(SWITCH.slice(0, SWITCH.indexOf('  blue:')) + blue);
  });

  test('its attempt, its names and what was written for it come along; comments and what stands behind stay', () => {
    const before = exampleAtRest(['  blue: { name: bestie, version: "1.3" } # serves now\n', '']);
    const text = `${before}  # what serves
  blue:
    version: "1.3" # the old one
    name: bestie
    names: { database: pets } # adopted
    # below names
  # what is to serve
  green: # now
    name: bestie2
    attempt: 3
    names: { database: cats, application: cats }
    version: "1.4"
    stage: Switch
    repositoryPaths: { repo2: /b/bestie2/11/repo2 }
    # below green
  # behind green
`;
    expect(textOf(next(text, undefined, confirmed(3))).slice(before.length)).toBe(`  # what serves
  blue:
    version: "1.4" # the old one
    names:
      database: cats
      application: cats
    repositoryPaths:
      repo2: /b/bestie2/11/repo2-3
    name: bestie2
  closed:
    - name: bestie
      version: "1.3"
      names:
        database: pets
      repositoryPaths:
        repo2: /pgbackrest/repo2
    # below names
  # what is to serve
    # below green
  # behind green
`);
  });

  test.each([
    ['in lines', '  closed:\n  - name: older # first\n    version: "1.1"\n', '  - name: bestie\n    version: "1.3"\n'],
    [
      'in brackets',
      '  closed: [{ name: older, version: "1.1" }] # two\n',
      ', { name: bestie, version: "1.3", repositoryPaths',
    ],
    ['empty', '  closed: []\n', '  closed: [{ name: bestie, version: "1.3", repositoryPaths'],
  ])('what is closed already stays listed: %s', (_, closed, added) => {
    const text = textOf(next(SWITCH.replace('  green:', `${closed}  green:`), undefined, confirmed()));
    expect(text).toContain(added);
    const parsed = parseLifecycle(bytes(text), 'f');
    const names = parsed.ok ? parsed.lifecycle.spec.closed?.map(({ name }) => name) : [];
    expect(names).toEqual(closed.includes('older') ? ['older', 'bestie'] : ['bestie']);
    expect(text.includes('# first')).toBe(closed.includes('# first'));
  });

  test('the name of one that is closed is free only when it is retired', () => {
    const rest = textOf(next(SWITCH, undefined, confirmed()));
    expect(codesOf(next(rest, { name: 'bestie', version: '1.5' }))).toEqual(['34 instance-closed']);
    const retired = rest.slice(0, rest.indexOf('  closed:'));
    const again = textOf(next(retired, { name: 'bestie', version: '1.5' }));
    expect(again).toContain(`repo2: /pgbackrest/bestie/bestie/${LIFE}/repo2`);
    expect(again).toContain('blue: { name: bestie2');
  });

  test('without the saved Lifecycle it is refused', () => {
    expect(codesOf(next(SWITCH))).toEqual(['36 next-needs-status']);
  });

  test.each<[string, Status]>([
    ['nothing is on record', {}],
    ['another attempt was committed', confirmed(2)],
    ['it was aborted', { ...confirmed(), decision: { ...confirmed().decision, state: 'Aborted' } as Decision }],
    [
      'blue is not closed',
      { ...confirmed(), decision: { ...confirmed().decision, blueClosed: undefined } as Decision },
    ],
    ['blue serves', { ...confirmed(), serving: { instance: 'bestie', version: '1.3', since: '', digest: '' } }],
    ['confirm has not run', { ...confirmed(), steps: [] }],
    ['confirm failed', { ...confirmed(), steps: confirmed().steps?.map((each) => ({ ...each, state: 'Failed' })) }],
  ])('when %s it is refused', (_, status) => {
    expect(codesOf(next(SWITCH, undefined, status))).toEqual(['36 next-not-confirmed']);
  });

  test('the decision may be one of those before', () => {
    const { decision, ...status } = confirmed();
    expect(next(SWITCH, undefined, { ...status, history: decision ? [decision] : [] }).ok).toBe(true);
  });

  test('an edit that would reach further, through an anchor, is refused', () => {
    expect(next(SWITCH.replace('{ name: bestie', '{ name: &n bestie'), undefined, confirmed()).ok).toBe(true);
    const blue = SWITCH.replace('  blue: { name: bestie, version: "1.3" } # serves now\n', '')
      .replace('podTemplate: {}', 'podTemplate: { metadata: { annotations: &b { name: bestie, version: "1.3" } } }')
      .replace('  green:', '  blue: *b\n  green:');
    expect(codesOf(next(blue, undefined, confirmed()))).toEqual(['33 yaml-feature']);
  });
});

test('a file with problems is not edited', () => {
  expect(codesOf(next(example(['replicas: 3', 'replicas: 0'])))).toEqual(['10 wrong-value']);
});

/** A file in which every second line ends with a comment of its own. */
function commented(value: unknown): string {
  const document = parseDocument(stringify(value, { lineWidth: 0 }));
  let count = 0;
  visit(document, {
    Scalar: (key, node) => {
      count += 1;
      if (key === 'value' && count % 2 === 0 && !String(node.value).includes('\n')) node.comment = ` comment ${count}`;
    },
  });
  return document.toString({ lineWidth: 0 });
}

const comments = (text: string): readonly string[] => text.match(/# comment \d+/g) ?? [];

test('any file keeps its comments and its order, and is valid again', () => {
  fc.assert(
    fc.property(lifecycles, (value) => {
      const text = commented(value);
      fc.pre(!text.includes('stage: Switch'));
      const result = next(text, text.includes('\n  green:') ? undefined : { name: 'c', version: '2' });
      const changed = textOf(result);
      expect(comments(changed)).toEqual(comments(text));
      const before = changed
        .replace(/ {2}green:\n {4}name: c\n[^]*?stage: Prepare\n/, '')
        .replace(/^ {4}repositoryPaths:\n( {6}.*\n)+/m, '');
      expect(before.replace('stage: Switch', 'stage: Prepare')).toBe(text);
      expect(parseLifecycle(bytes(changed), 'f').ok).toBe(true);
    }),
  );
});

test('any Switch that was confirmed comes to rest with what stood behind green', () => {
  fc.assert(
    fc.property(lifecycles, (value) => {
      const text = commented(value);
      fc.pre(text.includes('stage: Switch'));
      const parsed = parseLifecycle(bytes(text), 'f');
      if (!parsed.ok || !parsed.lifecycle.spec.green) throw new Error('not valid');
      const { blue, green, ...others } = parsed.lifecycle.spec;
      const status = confirmed(green.attempt);
      const result = next(text, undefined, {
        ...status,
        serving: { instance: green.name, version: green.version, since: '', digest: '' },
        decision: { ...status.decision, blue: blue.name, green: green.name } as Decision,
      });
      const after = parseLifecycle(bytes(textOf(result)), 'f');
      const {
        blue: now,
        closed,
        ...same
      } = after.ok ? after.lifecycle.spec : ({} as Partial<typeof parsed.lifecycle.spec>);
      expect([now?.name, now?.version, closed?.[0]?.name, same]).toEqual([
        green.name,
        green.version,
        blue.name,
        others,
      ]);
    }),
  );
});

describe('a restore in place', () => {
  const RESTORE =
    '  restore: # somebody dropped a table\n    id: r1\n    mode: InPlace\n    repository: repo1\n    target: { latest: true }\n    applicationVersion: "1.2"\n';
  const text = `${exampleAtRest()}${RESTORE}`;
  const restored = (more: Partial<NonNullable<Status['restores']>[number]> = {}, version = '1.2'): Status => ({
    serving: { instance: 'bestie', version, since: '2026-11-22T12:00:00.000Z', digest: 'd1' },
    restores: [
      {
        id: 'r1',
        digest: 'd1',
        instance: 'bestie',
        repository: 'repo1',
        target: 'latest',
        state: 'Restored',
        requestedAt: '2026-11-22T11:00:00.000Z',
        clientsBackAt: '2026-11-22T12:00:00.000Z',
        recovery: { label: '20261122-010000F', timeline: 1, options: [] },
        ...more,
      },
    ],
    steps: [{ digest: 'd1', step: 'confirm', state: 'Done', startedAt: '2026-11-22T12:00:00.000Z' }],
  });

  test('goes, and the version that fits what it brought stays', () => {
    const result = next(text, undefined, restored());
    expect(result).toMatchObject({ from: 'Restore', to: 'AtRest' });
    expect(textOf(result)).toBe(exampleAtRest(['version: "1.3"', 'version: "1.2"']));
  });

  test.each([
    ['no status', undefined, 'next-needs-status'],
    ['one that failed', restored({ state: 'Failed' }), 'next-not-confirmed'],
    ['clients are not back', restored({ clientsBackAt: undefined }), 'next-not-confirmed'],
    ['another version serves', restored({}, '1.3'), 'next-not-confirmed'],
    ['confirm is not through', { ...restored(), steps: [] }, 'next-not-confirmed'],
  ] satisfies readonly (readonly [string, Status | undefined, string])[])('is refused: %s', (_title, status, code) => {
    expect(codesOf(next(text, undefined, status))).toEqual([expect.stringContaining(code)]);
  });

  test('comes before another upgrade', () => {
    expect(codesOf(next(text, GREEN, restored()))).toEqual([expect.stringContaining('green-with-restore')]);
  });
});

describe('a restore beside', () => {
  const restore = (stage: string): string =>
    `  restore:\n    id: r1\n    mode: Clone\n    repository: repo1\n    target: { latest: true }\n` +
    `    applicationVersion: "1.2"\n    name: bestie2\n    stage: ${stage} # and no further\n`;
  const text = (stage: string): string => `${exampleAtRest()}${restore(stage)}`;
  const switched = (): Status => {
    const { serving, ...rest } = confirmed();
    if (!serving) throw new Error('nothing serves');
    return { ...rest, serving: { ...serving, version: '1.2' } };
  };

  test('goes from its preview to the switch', () => {
    const result = next(text('Prepare'));
    expect(result).toMatchObject({ from: 'Prepare', to: 'Switch' });
    expect(textOf(result)).toBe(text('Switch'));
  });

  test('is the new blue when clients are led to it, with its backups where they are', () => {
    const result = next(text('Switch'), undefined, switched());
    expect(result).toMatchObject({ from: 'Switch', to: 'AtRest' });
    const parsed = parseLifecycle(bytes(textOf(result)), 'lifecycle.yaml');
    expect(parsed).toMatchObject({
      lifecycle: {
        spec: {
          blue: { name: 'bestie2', version: '1.2', repositoryPaths: { repo2: '/pgbackrest/bestie/bestie2/r1/repo2' } },
          closed: [{ name: 'bestie', version: '1.3', repositoryPaths: { repo2: '/pgbackrest/bestie/1/repo2' } }],
        },
      },
    });
    expect(textOf(result)).not.toContain('restore:');
  });

  test.each([
    ['no status', undefined, 'next-needs-status'],
    ['another version serves', confirmed(), 'next-not-confirmed'],
    ['another attempt was committed', { ...switched(), decision: confirmed(2).decision }, 'next-not-confirmed'],
  ] satisfies readonly (readonly [string, Status | undefined, string])[])('is refused: %s', (_title, status, code) => {
    expect(codesOf(next(text('Switch'), undefined, status))).toEqual([expect.stringContaining(code)]);
  });
});
