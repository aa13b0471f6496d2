import { expect, test } from '@jest/globals';
import { ownersAt, type ReadFile } from './owners-at.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

test.each<[string, Uint8Array | 'too large' | undefined, readonly string[]]>([
  ['as it stands', text('* @one @two\n'), ['one', 'two']],
  ['that is too large names nobody, nor does another in its place', 'too large', []],
  ['that is not there: the next one', undefined, ['one', 'three']],
])('a file of owners %s', async (_, first, expected) => {
  const read: ReadFile = (file) => Promise.resolve(file === '.github/CODEOWNERS' ? first : text('* @one @three\n'));
  const { owners } = await ownersAt('github', 'a/lifecycle.yaml', [read]);
  expect(owners.map((owner) => owner.replace('@', ''))).toEqual(expected);
});
