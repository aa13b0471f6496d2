import { describe, expect, test } from '@jest/globals';
import { changedFiles, type ChangedFile, type Tree } from './changed-files.ts';

const tree = (files: Readonly<Record<string, string>>): Tree =>
  new Map(Object.entries(files).map(([path, id]) => [path, { id, bytes: 1 }]));

/** Contents call themselves what stands before the colon. */
const changes = (
  base: Readonly<Record<string, string>>,
  head: Readonly<Record<string, string>>,
): readonly ChangedFile[] => {
  const nameIn = (files: Readonly<Record<string, string>>) => (path: string) => files[path]?.split(':')[0];
  return changedFiles(tree(base), tree(head), { base: nameIn(base), head: nameIn(head) });
};
const brief = (files: readonly ChangedFile[]): readonly string[] =>
  files.map(({ path, change, from }) => `${change} ${path}${from === undefined ? '' : ` from ${from}`}`);

describe('changed files', () => {
  test('added, changed, removed; what is the same is not told', () => {
    const base = { 'a/lifecycle.yaml': 'a:1', 'b/lifecycle.yaml': 'b:1', 'lifecycle.yaml': 'c:1' };
    const head = { 'a/lifecycle.yaml': 'a:1', 'b/lifecycle.yaml': 'b:2', 'd/lifecycle.yaml': 'd:1' };
    expect(brief(changes(base, head))).toEqual([
      'changed b/lifecycle.yaml',
      'added d/lifecycle.yaml',
      'removed lifecycle.yaml',
    ]);
  });

  test('a file that moved, the same or changed', () => {
    expect(brief(changes({ 'a/lifecycle.yaml': 'x:1' }, { 'b/lifecycle.yaml': 'x:1' }))).toEqual([
      'moved b/lifecycle.yaml from a/lifecycle.yaml',
    ]);
    expect(brief(changes({ 'a/lifecycle.yaml': 'x:1' }, { 'b/lifecycle.yaml': 'x:2' }))).toEqual([
      'moved b/lifecycle.yaml from a/lifecycle.yaml',
    ]);
  });

  test('the same content goes before the same name, and two of one name are not guessed', () => {
    const base = { 'a/lifecycle.yaml': 'x:1', 'b/lifecycle.yaml': 'x:2', 'c/lifecycle.yaml': 'x:3' };
    const head = { 'd/lifecycle.yaml': 'x:2', 'e/lifecycle.yaml': 'x:4' };
    expect(brief(changes(base, head))).toEqual([
      'removed a/lifecycle.yaml',
      'removed c/lifecycle.yaml',
      'moved d/lifecycle.yaml from b/lifecycle.yaml',
      'added e/lifecycle.yaml',
    ]);
  });

  test('templates beside a file, and no others', () => {
    const base = {
      'a/lifecycle.yaml': 'a:1',
      'a/templates/service.hbs': '1',
      'chart/templates/x.hbs': '1',
      'a/sub/templates/y.hbs': '1',
    };
    const head = {
      'a/lifecycle.yaml': 'a:1',
      'a/templates/ingress.hbs': '1',
      'chart/templates/x.hbs': '2',
      'a/sub/templates/y.hbs': '2',
    };
    expect(changes(base, head)).toEqual([
      {
        path: 'a/lifecycle.yaml',
        change: 'templates',
        templates: [
          { path: 'a/templates/ingress.hbs', change: 'added' },
          { path: 'a/templates/service.hbs', change: 'removed' },
        ],
      },
    ]);
  });

  test('templates that move with their file are no change', () => {
    const base = { 'a/lifecycle.yaml': 'a:1', 'a/templates/service.hbs': '1', 'a/templates/ingress.hbs': '1' };
    const head = { 'lifecycle.yaml': 'a:1', 'templates/service.hbs': '1', 'templates/ingress.hbs': '2' };
    expect(changes(base, head)).toEqual([
      {
        path: 'lifecycle.yaml',
        change: 'moved',
        from: 'a/lifecycle.yaml',
        templates: [{ path: 'templates/ingress.hbs', change: 'changed' }],
      },
    ]);
  });
});
