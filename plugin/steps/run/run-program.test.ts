import { expect, test } from '@jest/globals';
import { EXIT } from '../../errors/errors.ts';
import type { StepProgram } from './commands.ts';
import { runProgram } from './run-program.ts';
import { runStep } from './runner.ts';
import { refuse } from '../ports/step.ts';
import { requestFor, worldAtRest } from '../testing/world.ts';

const env = { LIFECYCLE_REQUEST: JSON.stringify(requestFor('Switch')), POD_NAMESPACE: 'shop' };
const SECRET = 'hunter2';

async function runWith(
  program: StepProgram['run'],
  environment: Readonly<Record<string, string>> = env,
): Promise<{ exit: number; out: string[]; err: string[]; namespaces: string[] }> {
  const world = worldAtRest();
  const [out, err, namespaces]: [string[], string[], string[]] = [[], [], []];
  const host = {
    env: environment,
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    signal: world.stop.signal,
    secrets: '/nowhere',
    redact: () => (text: string) => text.replaceAll(SECRET, '***'),
  };
  const exit = await runProgram({ name: 'verify', summary: '', run: program }, undefined, host, (_name, namespace) => {
    namespaces.push(namespace);
    return world;
  });
  return { exit, out, err, namespaces };
}

test('the outcome on stdout, exit 0, in the namespace of the pod', async () => {
  const { exit, out, err, namespaces } = await runWith((context) =>
    runStep(context, 'verify', () => Promise.resolve({ rows: 7 })),
  );
  expect({ exit, err, namespaces }).toEqual({ exit: EXIT.ok, err: [], namespaces: ['shop'] });
  expect(out).toEqual(['verify: done {"rows":7}']);
});

test('a refusal: first line on stderr is code, detail and remedy', async () => {
  const { exit, err } = await runWith((context) => runStep(context, 'verify', () => refuse('clone-differs', 'pets')));
  expect(exit).toBe(EXIT.problems);
  expect(err).toEqual([
    'clone-differs: pets → see the message for what differs; raise spec.green.attempt to try again',
  ]);
});

test('secrets reach neither stdout nor stderr', async () => {
  const { out, err } = await runWith((context) => {
    context.progress.report(`connecting with ${SECRET}`);
    return runStep(context, 'verify', () => Promise.reject(new Error(`bad ${SECRET}`)));
  });
  expect(out[0]).toMatch(/verify: connecting with \*\*\*$/);
  expect(err[0]).toMatch(/^internal: Error: bad \*\*\* → /);
  expect([...out, ...err].join('\n')).not.toContain(SECRET);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no request', { POD_NAMESPACE: 'shop' }, /LIFECYCLE_REQUEST is not set/],
  ['no JSON', { ...env, LIFECYCLE_REQUEST: '{' }, /is no JSON/],
  ['a field missing', { ...env, LIFECYCLE_REQUEST: '{"plan":"Switch"}' }, /lifecycle: .*digest: /],
  ['no namespace', { LIFECYCLE_REQUEST: env.LIFECYCLE_REQUEST }, /POD_NAMESPACE is not set/],
])('%s: refused before anything is done', async (_name, environment, text) => {
  await expect(runWith(() => Promise.reject(new Error('ran')), environment)).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringMatching(text),
  });
});
