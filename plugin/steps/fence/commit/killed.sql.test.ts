import { describe, expect, jest, test } from '@jest/globals';
import { Load } from '../../../../test/lab/postgres/load.ts';
import { readyToCommit } from '../../../../test/lab/postgres/ready-to-commit.ts';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import { until } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import { killedAt } from '../../testing/faults.ts';
import { abort } from '../abort/abort.ts';
import { commit } from './commit.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";

describe('a commit that is killed after its compare-and-swap', () => {
  // Its calls to Kubernetes: 4 the compare-and-swap, 6 the Service, 7 flipped, 11 blue's application to 0, 13 a look at
  // the ledger before green is opened, 14 greenOpened and the window, 17 a look when blue is closed, 18 blueClosed.
  test.each([
    ['after', 4, 'the keeper'],
    ['after', 4, 'the SyncFail hook'],
    ['before', 6, 'its retry'],
    ['after', 6, 'the SyncFail hook'],
    ['after', 7, 'the keeper'],
    ['after', 11, 'its retry'],
    ['after', 13, 'the keeper'],
    ['before', 14, 'the SyncFail hook'],
    ['after', 14, 'its retry'],
    ['after', 17, 'the keeper'],
    ['before', 18, 'its retry'],
  ] as const)('%s call %i is rolled forward by %s; nothing acknowledged is lost', async (moment, call, by) => {
    const { it, green } = await readyToCommit(template());
    const load = new Load();
    try {
      const fencedAt = Date.parse(it.decision.fence?.lockedAt ?? '');
      for (const way of ['session', 'transaction', 'options'] as const) load.overrider(way, () => it.blue, way);
      await commit(it.context(killedAt({ ledger: it.ledger, cluster: it.namespace }, call, moment))).catch(
        () => undefined,
      );
      expect(it.decision.state).toBe('Committed');
      if (by === 'its retry') await commit(it.context());
      if (by === 'the SyncFail hook') await abort(it.context());
      await until('it is complete', () => it.decision.blueClosed !== undefined, 60);
      expect(it.decision).toMatchObject({ lostWrites: 0 });
      await load.stop();
      expect(load.acknowledged.filter(({ at }) => at > fencedAt)).toEqual([]);
      expect(it.namespace.serves('bestie')).toBe('bestie2');
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect(await refusal(it.blue, 'bestie', ['SELECT 1'])).toBe('28000');
    } finally {
      await load.stop();
      await it.close();
    }
  });
});
