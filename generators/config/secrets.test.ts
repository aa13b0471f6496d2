import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createSecrets } from './secrets.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const written = (name: string, text: string | Buffer): { readonly file: string } => {
  writeFileSync(join(folder, name), text);
  return { file: join(folder, name) };
};

test('a file is read anew each time, without the line end at its end', () => {
  const secrets = createSecrets();
  const source = written('token', 'first-token\r\n');
  expect(secrets.read(source)).toBe('first-token');
  written('token', ' second\ntoken \n\n');
  expect(secrets.read(source)).toBe(' second\ntoken ');
});

test.each([
  ['missing', undefined, /cannot be read: ENOENT/],
  ['empty', '', /is empty/],
  ['blank', ' \n', /is empty/],
  ['binary', Buffer.from([65, 0, 66]), /zero byte/],
  ['huge', 'x'.repeat(65_537), /more than 65536 bytes/],
])('one that is %s is named, and nothing of it is told', (_, content, expected) => {
  const secrets = createSecrets();
  const source = content === undefined ? { file: join(folder, 'none') } : written('secret', content);
  expect(secrets.problemOf(source)).toMatch(expected);
  expect(() => secrets.read(source)).toThrow(expected);
});

test('what was read leaves in no text: whole, by lines, encoded, or after it was rotated away', () => {
  const secrets = createSecrets();
  const source = written('key', '-----BEGIN KEY-----\nb3BlbnNzaC1rZXk\nAAAAC3NzaC1lZDI\n-----END KEY-----\n');
  secrets.read(source);
  written('key', 'pass word/of=git');
  secrets.read(source);
  const text = 'line AAAAC3NzaC1lZDI, url https://x:pass%20word%2Fof%3Dgit@host, plain pass word/of=git';
  expect(secrets.scrub(text)).toBe('line [secret], url https://x:[secret]@host, plain [secret]');
});

test('a secret that is part of another does not uncover the rest of it', () => {
  const secrets = createSecrets({ env: { A: 'abcdef', B: 'abcdef-and-more' }, readFile: () => Buffer.from('') });
  secrets.read({ env: 'A' });
  secrets.read({ env: 'B' });
  expect(secrets.scrub('abcdef-and-more abcdef')).toBe('[secret] [secret]');
});

test('the private part of a signing key is masked alone too', () => {
  const secrets = createSecrets({ env: { KEY: '{"x":"public","d":"private-part"}' }, readFile: () => Buffer.from('') });
  secrets.read({ env: 'KEY' });
  expect(secrets.scrub('d is private-part, x is public')).toBe('d is [secret], x is public');
});
