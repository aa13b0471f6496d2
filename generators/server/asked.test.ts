import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLifecycleError } from '../../plugin/commands/failure.ts';
import { readCall } from './asked.ts';
import { parseJson } from './json-body.ts';

const outcome = (body: string | Uint8Array): unknown => {
  try {
    return readCall(parseJson(Buffer.from(body as string)));
  } catch (error) {
    return isLifecycleError(error) ? error.code : error;
  }
};

test('whatever the bytes are, they are a call or a bad request', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.uint8Array()), (body) => {
      expect(outcome(body)).toBe('generator-bad-request');
    }),
  );
});

test('a call is read as it was written', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  const parameters = fc.record({
    repoURL: fc.string({ minLength: 1, maxLength: 50 }),
    revision: fc.string({ minLength: 1, maxLength: 50 }),
    paths: fc.array(fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))),
    values: fc.dictionary(name, fc.string()),
  });
  fc.assert(
    fc.property(parameters, (asked) => {
      const body = JSON.stringify({ applicationSetName: 'set', input: { parameters: asked } });
      expect(JSON.parse(JSON.stringify(outcome(body)))).toEqual({ applicationSet: 'set', asked });
    }),
  );
});

test.each([31, 32])('what is nested %i levels deep may be parsed; quotes nest nothing', (depth) => {
  const text = `${'['.repeat(depth)}${JSON.stringify('"[{\\"'.repeat(100))}${']'.repeat(depth)}`;
  expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
});

test('two million quotes take no longer than two million letters', () => {
  // A pattern that looks for the end of a text from each quote anew would not come back from this.
  expect(outcome(`"${String.raw`\"`.repeat(1_000_000)}`)).toBe('generator-bad-request');
});
