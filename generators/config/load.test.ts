import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { newKey } from '../../plugin/approval/keys.ts';
import { generatorJsonSchema } from './json-schema.ts';
import { loadConfig } from './load.ts';
import { createSecrets, type Secrets } from './secrets.ts';

const ROOT = new URL('../../', import.meta.url);
const EXAMPLE = readFileSync(new URL('argocd/generator/config.yaml', ROOT), 'utf8');
const FOLDER = '/etc/lifecycle-generator/secrets/';

let files: Record<string, string> = {};
beforeAll(async () => {
  files = {
    token: 'the-token-of-the-controller\n',
    'page-token': 'the-password-of-the-page',
    'git-password': 'the-password-of-git',
    'scm-token': 'the-token-of-the-scm',
    'webhook-secret': 'the-secret-of-the-webhook',
    'approval-key.json': JSON.stringify(await newKey()),
    'ssh-key': 'the key of ssh',
    known_hosts: 'git.example.com ssh-ed25519 AAAA',
    empty: '\n',
  };
});

const secretsOf = (): Secrets =>
  createSecrets({
    env: { GIVEN: 'something', EMPTY: '' },
    readFile: (file) => {
      const text = files[file.replace(FOLDER, '')];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(text);
    },
  });

const load = (text: string): ReturnType<typeof loadConfig> => loadConfig(Buffer.from(text), 'config.yaml', secretsOf());

/** `line:column path: detail` of each problem. */
const problems = (text: string): readonly string[] => {
  const loaded = load(text);
  if (loaded.ok) return [];
  return loaded.problems.map(({ line, column, path, detail }) => `${line}:${column} ${path}: ${detail}`);
};

/** The example with another text in the place of one that it has. */
function changed(...replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ${from}`);
    return text.replace(from, to);
  }, EXAMPLE);
}

test('the example is valid, and its defaults are filled in', () => {
  const loaded = load(EXAMPLE);
  expect(loaded).toMatchObject({
    ok: true,
    config: { limits: { bodyBytes: 65_536 }, repositories: [{ allowHttp: false }], approvals: { valid: '24h' } },
  });
});

test('docs/reference/generator.schema.json is what the schema says', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('docs/reference/generator.schema.json', ROOT), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(generatorJsonSchema())));
});

test('every problem is reported at once, in the order of the text, each with its place', () => {
  const text = changed(
    ['kind: GeneratorConfiguration', 'kind: Generator'],
    ['revisions: [main]', 'revisions: [-upload-pack=x]'],
    ["namespace: '{parent}'", "namespace: '{Parent}'"],
    ['secrets/git-password }', 'secrets/nothing }'],
    ['project: shop/deploy', 'project: deploy'],
    ['quorum: 2', 'quorum: 0'],
  );
  expect(problems(text)).toEqual([
    '4:7 kind: allowed is GeneratorConfiguration',
    '10:17 repositories[0].revisions[0]: no branch can have this name',
    '13:16 repositories[0].namespace: unknown is "Parent"',
    `18:17 repositories[0].credentials.password: ${FOLDER}nothing cannot be read: ENOENT`,
    '22:16 repositories[0].scm.project: github has projects as owner/name',
    '30:15 approvals.policies[0].quorum: at least 1',
  ]);
});

/** A repository more, written behind the first. */
const more = (lines: string): readonly [string, string] => ['approvals:\n', `${lines}approvals:\n`];

describe('refused is', () => {
  test.each<readonly [string, readonly (readonly [string, string])[], RegExp]>([
    [
      'a secret in the place of its name',
      [['{ file: /etc/lifecycle-generator/secrets/token }', 's3cr3t-in-plain-text']],
      /^5:8 token: expected is a mapping, either file:/,
    ],
    [
      'a relative path of a secret',
      [['/etc/lifecycle-generator/secrets/token', 'secrets/token']],
      /^5:16 token.file: expected is an absolute path/,
    ],
    ['a secret that is empty', [['secrets/token', 'secrets/empty']], /token: \S+\/empty is empty/],
    [
      'a variable that is not set',
      [['{ file: /etc/lifecycle-generator/secrets/token }', '{ env: MISSING }']],
      /token: the variable MISSING is not set/,
    ],
    [
      'a variable that is empty',
      [['{ file: /etc/lifecycle-generator/secrets/token }', '{ env: EMPTY }']],
      /token: the variable EMPTY is empty/,
    ],
    [
      'the same token for page and controller',
      [['secrets/page-token', 'secrets/token']],
      /pageToken: it is the same as token/,
    ],
    [
      'a key that is none',
      [['secrets/approval-key.json', 'secrets/token']],
      /approvals.key: what is there is no private key/,
    ],
    [
      'http without consent',
      [['https://github.com/shop', 'http://github.com/shop']],
      /url: over http anybody on the way/,
    ],
    [
      'a password over http',
      [['https://github.com/shop/deploy.git', 'http://github.com/shop/deploy.git\n    allowHttp: true']],
      /credentials: the password would go over http/,
    ],
    [
      'a token over http',
      [['https://api.github.com', 'http://api.github.com']],
      /scm.api: the token would go over http/,
    ],
    [
      'an API that is no address of the web',
      [['https://api.github.com', 'file:///etc/passwd']],
      /scm.api: expected is the address of its API/,
    ],
    [
      'ssh without a key',
      [['https://github.com/shop/deploy.git', 'git@github.com:shop/deploy.git']],
      /credentials: these are none for ssh/,
    ],
    [
      'a password in the URL',
      [['https://github.com/shop/deploy.git', 'ssh://git:hunter2@github.com/shop/deploy.git']],
      /url: it holds a password/,
    ],
    [
      'a transport that runs a program',
      [['https://github.com/shop/deploy.git', "'ext::sh -c id'"]],
      /url: expected is https:/,
    ],
    ['a path of this machine', [['https://github.com/shop/deploy.git', 'file:///etc']], /url: expected is https:/],
    [
      'the same repository twice',
      [more('  - { url: https://github.com/shop/deploy.git, cluster: prod }\n')],
      /repositories\[1\].url: repositories\[0\] has this URL already/,
    ],
    [
      'a policy of a repository that is unknown',
      [['requests: [restore]', 'repositories: [https://github.com/else/where.git]']],
      /policies\[0\].repositories\[0\]: no repository of the configuration/,
    ],
    [
      'a policy of a repository without scm',
      [
        more('  - { url: https://x.example.com/a.git, cluster: prod }\n'),
        ['requests: [restore]', 'repositories: [https://x.example.com/a.git]'],
      ],
      /this repository has no scm/,
    ],
    [
      'a glob that leaves the repository',
      [["paths: ['**']", "paths: ['../**']"]],
      /paths\[0\]: it has an empty part, "." or ".."/,
    ],
    [
      'a glob that is not closed',
      [["paths: ['**']", "paths: ['shop/{a']"]],
      /paths\[0\]: a bracket of it is not closed/,
    ],
    [
      'a glob of many stars',
      [["paths: ['**']", `paths: ['${'*a'.repeat(13)}']`]],
      /paths\[0\]: it has more than 12 stars/,
    ],
    ['a glob that excludes', [["paths: ['**']", "paths: ['!shop']"]], /paths\[0\]: nothing can be excluded/],
    ['a namespace of what no name can hold', [["'{parent}'", "'{parent}_db'"]], /namespace: beside its placeholders/],
    [
      'approvers that are nobody',
      [['{ teams: [shop/database-owners], codeOwners: true }', '{}']],
      /approvers: nobody may approve/,
    ],
    [
      'a quorum of more than there are',
      [['{ teams: [shop/database-owners], codeOwners: true }', '{ users: [alice, Alice] }']],
      /quorum: 2 have to approve, of 1 who may/,
    ],
    [
      'a team without its organization',
      [['shop/database-owners', 'database-owners']],
      /teams\[0\]: expected is org\/team at github/,
    ],
    ['an unknown field', [['pageToken:', 'pageTokn:']], /^7:1 pageTokn: there is no field "pageTokn" here/],
    ['a missing field', [['    cluster: prod\n', '']], /repositories\[0\].cluster: "cluster" is missing/],
    [
      'credentials of no kind',
      [['username: x-access-token\n', 'user: x\n']],
      /credentials: expected is a mapping, either of username/,
    ],
    [
      'a token that stands in the file',
      [['x-access-token', `ghp_${'a'.repeat(36)}`]],
      /credentials.username: this is a GitHub token/,
    ],
    [
      'a key that stands twice',
      [['kind: GeneratorConfiguration\n', 'kind: GeneratorConfiguration\nkind: GeneratorConfiguration\n']],
      /kind: "kind" stands here again/,
    ],
    ['no YAML', [['token: { file', 'token: { file: [']], /something is missing here|is not expected here/],
  ])('%s', (_, replacements, problem) => {
    const found = problems(changed(...replacements));
    expect(found).toContainEqual(expect.stringMatching(problem));
  });

  test.each([[''], ['[]'], ['text'], ['--- {}\n--- {}\n']])('what is no configuration: %j', (text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });

  test('approvals where no repository has an scm', () => {
    const [scm, behind] = [EXAMPLE.indexOf('    scm:\n'), EXAMPLE.indexOf('approvals:\n')];
    expect(problems(EXAMPLE.slice(0, scm) + EXAMPLE.slice(behind))).toEqual([
      expect.stringMatching(/^19:1 approvals: no repository has an scm/),
    ]);
  });
});

describe('allowed is', () => {
  test.each<readonly [string, readonly (readonly [string, string])[]]>([
    [
      'this machine itself over http',
      [
        ['https://api.github.com', 'http://127.0.0.1:3000'],
        ['https://github.com/shop/deploy.git', 'http://localhost:3000/shop/deploy.git\n    allowHttp: true'],
      ],
    ],
    [
      'ssh with its key',
      [
        ['https://github.com/shop/deploy.git', 'ssh://git@github.com/shop/deploy.git'],
        ['username: x-access-token\n', `knownHosts: ${FOLDER}known_hosts\n`],
        ['password: { file: /etc/lifecycle-generator/secrets/git-password }', `sshKey: { file: ${FOLDER}ssh-key }`],
      ],
    ],
    ['a secret in the environment', [['{ file: /etc/lifecycle-generator/secrets/token }', '{ env: GIVEN }']]],
    [
      'a group of GitLab',
      [
        ['kind: github', 'kind: gitlab'],
        ['project: shop/deploy', 'project: shop/team/deploy'],
        ['shop/database-owners', 'owners'],
      ],
    ],
  ])('%s', (_, replacements) => {
    expect(problems(changed(...replacements))).toEqual([]);
  });
});

test('what a secret says stands in no problem, whatever is wrong', () => {
  const values = Object.values(files)
    .map((text) => text.trim())
    .filter((text) => text !== '');
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...Object.keys(files), 'missing'), { minLength: 6, maxLength: 6 }),
      (names) => {
        const text = names.reduce((rest, name, index) => {
          const original =
            ['token', 'page-token', 'git-password', 'scm-token', 'webhook-secret', 'approval-key.json'][index] ?? '';
          return rest.replace(`secrets/${original} `, `secrets/${name} `);
        }, EXAMPLE);
        const told = JSON.stringify(load(text));
        expect(values.filter((value) => told.includes(JSON.stringify(value).slice(1, -1)))).toEqual([]);
      },
    ),
  );
});

test('no configuration throws, however it is damaged', () => {
  const whole = parse(EXAMPLE) as Record<string, unknown>;
  fc.assert(
    fc.property(
      fc.constantFrom(...pathsOf(whole)),
      fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })),
      (path, value) => {
        const loaded = load(stringify(replaced(whole, path, value)));
        const places = loaded.ok ? [] : loaded.problems.flatMap(({ line, column }) => [line, column]);
        expect(places.filter((each) => each < 1)).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  const inner = keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...at, key]));
  return at.length === 0 ? inner : [at, ...inner];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...(value as unknown[])] as unknown as Record<number, unknown>)
    : { ...(value as object) };
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
