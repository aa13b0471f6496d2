import { describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../../test/lab/postgres/instance.ts';
import { readyToCommit } from '../../../../test/lab/postgres/ready-to-commit.ts';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import { until } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../../test/lab/wait-for.ts';
import { LifecycleError } from '../../../errors/errors.ts';
import { BLUE, GREEN } from '../../testing/world.ts';
import { commit } from './commit.ts';
import { openGreen } from './open-green.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";

/** A commit that has flipped the Service and waits for blue's pods to end. */
async function committing(): Promise<Awaited<ReturnType<typeof readyToCommit>> & { done: Promise<unknown> }> {
  const all = await readyToCommit(template());
  all.it.namespace.lingering.add(BLUE.name);
  const done = commit(all.it.context());
  done.catch(() => undefined);
  try {
    await until('the Service selects green', () => all.it.decision.flipped !== undefined);
    return { ...all, done };
  } catch (error) {
    await all.it.close();
    throw error;
  }
}

describe("as long as blue's pods have not ended", () => {
  test('green takes no write: who still reads on blue reads what green holds', async () => {
    const { it, green, done } = await committing();
    try {
      await until("blue's application is to end", () => it.lines.some((line) => line.includes('to end')), 20);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
      expect(await refusal(green, 'bestie', ['SELECT 1'])).toBe('accepted');
      expect(it.decision.greenOpened).toBeUndefined();
      it.namespace.lingering.clear();
      await done;
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      const { fencedAt = '', greenOpened = '', windowSeconds } = it.decision;
      expect(windowSeconds).toBeCloseTo((Date.parse(greenOpened) - Date.parse(fencedAt)) / 1000, 3);
    } finally {
      it.namespace.lingering.clear();
      await it.close();
    }
  });

  test('but not for ever: pods that do not end hold up nobody for longer than ten seconds', async () => {
    const { it, green, done } = await committing();
    try {
      await until('green is opened', () => it.decision.greenOpened !== undefined, 25);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect(it.decision.blueClosed).toBeUndefined();
      it.namespace.lingering.clear();
      await done;
      expect(it.decision.blueClosed).toBeDefined();
    } finally {
      it.namespace.lingering.clear();
      await it.close();
    }
  });
});

describe('clients that read on green when it is opened', () => {
  const read = (green: Instance, seconds: number): Promise<string> =>
    refusal(green, 'bestie', [`SELECT pg_sleep(${seconds})`]);
  const active = "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
  const reading = (green: Instance, count: number): Promise<boolean> =>
    waitFor(async () => (await green.sql(active)).length === count, { what: 'clients read', timeoutSeconds: 20 });

  test('finish their statement, within reason', async () => {
    const { it, green, done } = await committing();
    try {
      const [short, long] = [read(green, 1), read(green, 60)];
      await reading(green, 2);
      it.namespace.lingering.clear();
      await done;
      expect(await short).toBe('accepted');
      expect(await long).toBe('57P01');
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    } finally {
      it.namespace.lingering.clear();
      await it.close();
    }
  });

  test('are left alone by whoever comes second', async () => {
    const { it, green } = await readyToCommit(template());
    try {
      await commit(it.context());
      const before = it.decision;
      const client = read(green, 2);
      await reading(green, 1);
      await openGreen(it.context(), GREEN);
      expect(await client).toBe('accepted');
      expect(it.decision).toEqual(before);
    } finally {
      await it.close();
    }
  });
});

test('an API server that does not let blue be scaled keeps nobody from writing on green', async () => {
  const { it, green } = await readyToCommit(template());
  it.namespace.scaleDeployment = () => Promise.reject(new LifecycleError('api-failed', 'no replicas: 0 here'));
  try {
    await commit(it.context());
    expect(it.lines).toContainEqual(expect.stringContaining('no replicas: 0 here'));
    expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
    expect(it.decision.blueClosed).toBeDefined();
  } finally {
    await it.close();
  }
});
