import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ownersOf as ownersAt } from './code-owners.ts';

const ownersOf = (text: string, path: string, kind: 'github' | 'gitlab' = 'github'): readonly string[] =>
  ownersAt(text, path, kind).owners;

/** GitHub's own example, and what its documentation says of it. */
const EXAMPLE = `# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
`;

describe('code owners, as GitHub documents them', () => {
  test.each([
    ['README.md', ['@global-owner1', '@global-owner2']],
    ['deep/down/file.js', ['@js-owner']],
    ['main.go', ['docs@example.com']],
    ['a/b.txt', ['@octo-org/octocats']],
    ['build/logs/deep/x', ['@octocat']],
    ['build/logsx/y', ['@global-owner1', '@global-owner2']],
    ['docs/getting-started.md', ['@doctocat']],
    ['docs/build-app/troubleshooting.md', ['@doctocat']],
    ['sub/apps/x/y', ['@octocat']],
    ['scripts/run', ['@doctocat', '@octocat']],
    ['deeply/nested/logs', ['@octocat']],
    ['scripts/logs/today', ['@octocat']],
    ['apps/other', ['@octocat']],
    ['apps/github', []],
    ['apps/github/x', []],
  ])('%s', (path, owners) => {
    expect(ownersOf(EXAMPLE, path)).toEqual(owners);
  });

  test('one star is for what lies directly in a folder', () => {
    const text = '* @all\ndocs/* @docs';
    expect([ownersOf(text, 'docs/a.md'), ownersOf(text, 'docs/b/a.md')]).toEqual([['@docs'], ['@all']]);
  });

  test.each([
    ['a negation', '!secret @mallory'],
    ['a range', 'secre[t] @mallory'],
    ['an escape', '\\#secret @mallory'],
    ['nothing but a slash', '/ @mallory'],
    ['too many stars', '*s*e*c*r*e*t*x*y* @mallory'],
  ])('of what may be about it and cannot be read: %s, nobody', (_, line) => {
    const unread = 'line 2 of CODEOWNERS cannot be read';
    expect(ownersAt(`* @all\n${line}`, 'secret', 'github')).toEqual({ owners: [], unread });
    expect(ownersOf(`* @all\n${line}\nsecret @dbas`, 'secret')).toEqual(['@dbas']);
  });

  test.each<[string, string, 'github' | 'gitlab']>([
    ['/prod\\ db/ @dbas', 'prod db/lifecycle.yaml', 'gitlab'],
    ['/prod\\ db/ @dbas', 'prod db/lifecycle.yaml', 'github'],
    ['/prod-[ab]/ @dbas', 'prod-a/lifecycle.yaml', 'gitlab'],
    ['/p/*/*/*/*/*/*/*/* @dbas', 'p/a/b/c/d/e/f/g/lifecycle.yaml', 'github'],
    ['!/prod-[ab]/', 'prod-a/lifecycle.yaml', 'gitlab'],
  ])('no wider rule is for what %s may be about', (line, path, kind) => {
    expect(ownersOf(`* @everyone\n${line}`, path, kind)).toEqual([]);
    expect(ownersOf(`* @everyone\n${line}`, 'other/lifecycle.yaml', kind)).toEqual(['@everyone']);
  });

  test.each([
    ['alternatives', '{secret,x} @mallory'],
    ['a group', '@(secret) @mallory'],
  ])('%s are no signs in a pattern', (_, line) => {
    expect(ownersOf(`* @all\n${line}`, 'secret')).toEqual(['@all']);
  });

  test('whoever is no name is no owner', () => {
    expect(ownersOf('* alice @bob @ @a/b/c x@y@z @bob', 'x')).toEqual(['@bob', '@a/b/c']);
  });

  test('a file with the names of both cases is two', () => {
    expect([ownersOf('/Docs/ @a', 'docs/x'), ownersOf('/Docs/ @a', 'Docs/x')]).toEqual([[], ['@a']]);
  });
});

describe("GitLab's sections", () => {
  const text = `* @all

[Database][2] @dba @org/dba
db/
db/public/ @everybody

^[Docs]
docs/ @writers

[DATABASE]
db/secret/ @chief
!db/secret/open
`;
  test.each([
    ['x', ['@all']],
    ['db/lifecycle.yaml', ['@all', '@dba', '@org/dba']],
    ['db/public/x', ['@all', '@everybody']],
    ['db/secret/x', ['@all', '@chief']],
    ['db/secret/open', ['@all']],
    ['docs/x', ['@all', '@writers']],
  ])('each counts by itself: %s', (path, owners) => {
    expect(ownersOf(text, path, 'gitlab')).toEqual(owners);
  });

  test('have owners for rules that name nobody, not for those that name what is not read', () => {
    expect(ownersOf('[DB] @everyone\nprod/ @@maintainers', 'prod/lifecycle.yaml', 'gitlab')).toEqual([]);
    expect(ownersOf('[DB] @everyone\nprod/', 'prod/lifecycle.yaml', 'gitlab')).toEqual(['@everyone']);
  });

  test('have patterns that are tied to the root by a slash at their begin only', () => {
    const text = '* @all\nprod/db/ @dbas\n/prod/web/ @web';
    expect(ownersOf(text, 'x/prod/db/a', 'gitlab')).toEqual(['@dbas']);
    expect(ownersOf(text, 'x/prod/web/a', 'gitlab')).toEqual(['@all']);
    expect(ownersOf(text, 'x/prod/db/a', 'github')).toEqual(['@all']);
  });

  test('are no sections at GitHub, where such a line is none', () => {
    expect(ownersOf('* @all\n[db] @mallory\n/db', 'db')).toEqual([]);
    expect(ownersOf('* @all\n[db] @mallory\n/db', 'db', 'gitlab')).toEqual(['@all', '@mallory']);
  });
});

test('no text makes it fail, or hang', () => {
  const line = fc.stringMatching(/^[*?/a.\\[\]!@# {},()|+-]{0,40}( @[a-z/]{1,9})?$/);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.stringMatching(/^[a/.]{1,40}$/), (lines, path) => {
      for (const kind of ['github', 'gitlab'] as const)
        expect(Array.isArray(ownersAt(lines.join('\n'), path, kind).owners)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
