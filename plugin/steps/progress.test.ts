import { expect, test } from '@jest/globals';
import { createProgress } from './progress.ts';
import { MemoryLedger } from './testing/memory-ledger.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

test('every line is printed; the ledger gets one in two seconds at most', async () => {
  const clock = new VirtualClock();
  const ledger = new MemoryLedger();
  const lines: string[] = [];
  const written: (string | undefined)[] = [];
  const progress = createProgress({ clock, ledger, step: 'backup', print: (line) => lines.push(line) });
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
  const progress = createProgress({ clock: new VirtualClock(), ledger, step: 'x', print: (line) => lines.push(line) });
  progress.report('going on');
  await progress.settled();
  expect(lines).toHaveLength(1);
});
