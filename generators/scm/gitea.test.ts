import { expect, test } from '@jest/globals';
import { startOf } from './gitea.ts';

const commit = (sha: string, ...parents: readonly string[]): Parameters<typeof startOf>[0][number] => ({
  sha,
  parents: parents.map((parent) => ({ sha: parent })),
});

test.each([
  ['several commits', [commit('c', 'b'), commit('b', 'a'), commit('a', 'main')], 'main'],
  ['one that took in what came meanwhile', [commit('c', 'b', 'newer'), commit('b', 'main')], 'main'],
  ['none of its own', [], 'c'],
  ['the first commit of all', [commit('c')], 'c'],
])('where a branch began: %s', (_, commits, start) => {
  expect(startOf(commits, 'c')).toBe(start);
});
