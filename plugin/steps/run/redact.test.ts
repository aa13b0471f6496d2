import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redactingLedger, redactorOf } from './redact.ts';
import { MemoryLedger } from '../testing/memory-ledger.ts';

const PASSWORD = 'p+ss/w:rd^1';
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  const folder = join(root, 'bestie', 'user');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
  writeFileSync(
    join(folder, 'uri'),
    `postgresql://bestie:${encodeURIComponent(PASSWORD)}@bestie-pgo-primary:5432/bestie`,
  );
  writeFileSync(join(folder, 'user'), 'bestie');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

test('passwords go, in plain text, encoded, and as part of a URI; the rest stays', () => {
  const redact = redactorOf(root)();
  expect(redact(`user bestie with ${PASSWORD}`)).toBe('user bestie with ***');
  expect(redact(`user bestie with ${encodeURIComponent(PASSWORD)}`)).toBe('user bestie with ***');
  expect(
    redact(`bestie-pgo: at postgresql://bestie:${encodeURIComponent(PASSWORD)}@bestie-pgo-primary:5432/bestie.`),
  ).toBe('bestie-pgo: at ***.');
});

test('a Secret that comes late is known at the next text, and no Secrets at all are no hindrance', () => {
  const load = redactorOf(root);
  mkdirSync(join(root, 'bestie2', 'superuser'), { recursive: true });
  writeFileSync(join(root, 'bestie2', 'superuser', 'password'), 'later');
  expect(load()('came later')).toBe('came ***');
  expect(redactorOf(join(root, 'absent'))()('as it is')).toBe('as it is');
});

test('no text for people in the ledger holds a secret', async () => {
  const memory = new MemoryLedger();
  await redactingLedger(memory, redactorOf(root)).update(({ status }) => ({
    ...status,
    message: `failed with ${PASSWORD}`,
    steps: [
      {
        digest: 'd',
        step: 'smoke',
        state: 'Failed',
        startedAt: '2026-11-22T10:00:00.000Z',
        reason: PASSWORD,
        evidence: { rows: 3 },
      },
    ],
  }));
  expect(JSON.stringify(memory.status)).not.toContain(PASSWORD);
  expect(memory.status).toMatchObject({
    message: 'failed with ***',
    steps: [{ reason: '***', evidence: { rows: 3 } }],
  });
});

test('a password that is a word of the ledger changes nothing that steps read', async () => {
  writeFileSync(join(root, 'bestie', 'user', 'password'), 'bestie');
  const memory = new MemoryLedger();
  const roles = [{ role: 'bestie', database: 'bestie', settings: ['search_path=bestie'] }];
  await redactingLedger(memory, redactorOf(root)).update(() => ({
    message: 'bestie',
    decision: {
      digest: 'd',
      state: 'Aborted',
      attempt: 1,
      blue: 'bestie',
      green: 'bestie2',
      openedAt: '2026-11-22T10:00:00.000Z',
      reason: 'as bestie',
      roles,
    },
  }));
  expect(memory.status).toMatchObject({
    message: '***',
    decision: { blue: 'bestie', green: 'bestie2', reason: 'as ***', roles },
  });
});
