import { expect, test } from '@jest/globals';
import { createProgress } from './progress.ts';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { DIGEST } from '../testing/world.ts';

test('every line is printed; the ledger gets one in two seconds at most', async () => {
  const clock = new VirtualClock();
  const ledger = new MemoryLedger();
  const lines: string[] = [];
  const written: (string | undefined)[] = [];
  const progress = createProgress({ clock, ledger, step: 'backup', digest: DIGEST, print: (line) => lines.push(line) });
  for (let second = 0; second < 6; second += 1) {
    progress.report(`running (${second} s)`);
    await progress.settled();
    written.push(ledger.status.message);
    await clock.sleep(1000);
  }
  expect(lines[1]).toBe('2026-11-22T10:00:01.000Z backup: running (1 s)');
  expect(lines).toHaveLength(6);
  expect(written).toEqual([0, 0, 2, 2, 4, 4].map((second) => `backup: running (${second} s)`));
});

test('a ledger that cannot be written does not end the step', async () => {
  const ledger = new MemoryLedger();
  ledger.update = () => Promise.reject(new Error('403'));
  const lines: string[] = [];
  const progress = createProgress({
    clock: new VirtualClock(),
    ledger,
    step: 'x',
    digest: DIGEST,
    print: (line) => lines.push(line),
  });
  progress.report('going on');
  await progress.settled();
  expect(lines).toHaveLength(1);
});

test('the reason of an abort stays the message, whatever this plan’s steps say afterwards', async () => {
  const openedAt = '2026-11-22T10:00:00.000Z';
  const decision = {
    digest: DIGEST,
    state: 'Aborted',
    attempt: 1,
    blue: 'bestie',
    green: 'bestie2',
    openedAt,
  } as const;
  const ledger = new MemoryLedger({ decision, message: 'aborted: migration-failed' });
  const report = async (digest: string): Promise<void> => {
    const progress = createProgress({ clock: new VirtualClock(), ledger, step: 'keeper', digest, print: () => 0 });
    progress.report('closing bestie2: 3 s');
    await progress.settled();
  };
  await report(DIGEST);
  expect(ledger.status.message).toBe('aborted: migration-failed');
  await report('another plan');
  expect(ledger.status.message).toBe('keeper: closing bestie2: 3 s');
});
