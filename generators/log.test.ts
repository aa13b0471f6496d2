import { expect, test } from '@jest/globals';
import { LifecycleError } from '../plugin/errors/errors.ts';
import { createLog } from './log.ts';

const lines: string[] = [];
const log = createLog(
  (line) => void lines.push(line),
  (text) => text.replaceAll('s3cr3t', '[secret]'),
);
const logged = (write: () => void): Readonly<Record<string, unknown>> => {
  lines.length = 0;
  write();
  return JSON.parse(lines.join('')) as Readonly<Record<string, unknown>>;
};

test('a line is JSON with its time and level', () => {
  expect(
    logged(() => {
      log.warn({ a: 1 }, 'text');
    }),
  ).toEqual({ level: 'warn', time: expect.any(String), a: 1, msg: 'text' });
});

test('of an error of a client nothing stands in it but its name, text and stack: no request, no headers', () => {
  const request = { headers: { authorization: 'token abc' }, url: 'x' };
  const error = Object.assign(new Error('404 for s3cr3t'), { request, response: { headers: {} } });
  const { err } = logged(() => {
    log.error({ err: error });
  });
  expect(err).toEqual({ name: 'Error', message: '404 for [secret]', stack: expect.any(String) });
});

test('an error of the table has its code, and no stack', () => {
  const { err } = logged(() => {
    log.error({ err: new LifecycleError('generator-busy', 'x') });
  });
  expect(err).toEqual({ code: 'generator-busy', message: 'generator-busy: x' });
});

test('fields that hold secrets are masked wherever they stand, whatever they hold', () => {
  const { headers, token } = logged(() => {
    log.info({ headers: { authorization: 'Bearer abc' }, token: 'def' });
  });
  expect([headers, token]).toEqual([{ authorization: '[secret]' }, '[secret]']);
});
