import { describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { refusal } from '../../../test/lab/postgres/refusal.ts';
import { migrating, recorded } from '../../../test/lab/postgres/migration.ts';
import { Switch, until } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';
import { abort } from '../fence/abort/abort.ts';
import { GREEN } from '../testing/world.ts';
import { openGreenToMigration } from './green.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const WRITE = "INSERT INTO t0 (writer) VALUES ('x')";

async function during(use: (it: Switch, green: Instance) => Promise<void>): Promise<void> {
  const it = await Switch.open(template());
  try {
    await it.blue.sql("ALTER ROLE bestie SET lock_timeout = '7s'");
    await it.blue.sql("ALTER ROLE bestie IN DATABASE second SET lock_timeout = '8s'");
    await it.fenced();
    await use(it, await it.verified());
  } finally {
    await it.close();
  }
}

async function setting(server: Instance, name: string, database?: string): Promise<unknown> {
  const client = await server.client('bestie', database);
  try {
    return (await client.query<Record<string, unknown>>(`SHOW ${name}`)).rows[0]?.[name];
  } finally {
    await client.end();
  }
}

describe('green, while its migration runs', () => {
  test('has the settings of before the fence, and afterwards those of the fence again', () =>
    during(async (it, green) => {
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
      await migrating(it.context());
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      expect(await setting(green, 'lock_timeout')).toBe('7s');
      expect(await setting(green, 'lock_timeout', 'second')).toBe('8s');
      expect(await refusal(green, 'reporter', ['SELECT 1'])).toBe('28000');
      await recorded(it.context());
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
      expect(await setting(green, 'lock_timeout')).toBe('1s');
      expect(await setting(green, 'lock_timeout', 'second')).toBe('1s');
    }));

  test('cuts the sessions that are older than the settings, before and after', () =>
    during(async (it, green) => {
      const before = await green.client('bestie');
      const cut = new Promise((resolve) => before.once('end', resolve));
      await migrating(it.context());
      await cut;
      const during = await green.client('bestie');
      expect((await during.query(WRITE)).rowCount).toBe(1);
      const ended = new Promise((resolve) => during.once('end', resolve));
      await recorded(it.context());
      await ended;
    }));

  test("is closed afterwards also where the migration has set the role's settings itself", () =>
    during(async (it, green) => {
      await migrating(it.context());
      const set = 'SET default_transaction_read_only = off';
      expect(
        await refusal(green, 'bestie', [`ALTER ROLE bestie ${set}`, `ALTER ROLE bestie IN DATABASE bestie ${set}`]),
      ).toBe('accepted');
      await recorded(it.context());
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    }));

  test('is closed again by the keeper when a failover or a hand has opened it', () =>
    during(async (it, green) => {
      await migrating(it.context());
      await recorded(it.context());
      await green.sql('ALTER ROLE bestie RESET default_transaction_read_only');
      await waitFor(async () => (await refusal(green, 'bestie', [WRITE])) === '25006', {
        what: 'green closed',
        timeoutSeconds: 20,
        everyMilliseconds: 50,
      });
      expect(await setting(green, 'lock_timeout')).toBe('1s');
    }));

  test('is not open to a migration that is not on record as started', () =>
    during(async (it, green) => {
      it.failed('migrate', 'before');
      await expect(migrating(it.context())).rejects.toMatchObject({ code: 'migration-started-before' });
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    }));

  test("is not opened beside green's application, whose work an abort would throw away", () =>
    during(async (it, green) => {
      await it.namespace.scaleDeployment(GREEN.application, 1);
      await expect(migrating(it.context())).rejects.toMatchObject({ code: 'step-out-of-order' });
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    }));

  test('in a rehearsal has no settings of the fence', () =>
    during(async (it, green) => {
      const context = { ...it.context(), request: { ...it.request, plan: 'Prepare' as const } };
      await migrating(context);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('accepted');
      await recorded(context);
      expect(await refusal(green, 'bestie', [WRITE])).toBe('25006');
    }));
});

describe('an abort while the migration runs', () => {
  test('closes green before it opens blue, and a guard that opens it late opens nothing', () =>
    during(async (it, green) => {
      await migrating(it.context());
      const session = await green.client('bestie');
      const cut = new Promise((resolve) => session.once('end', resolve));
      await abort(it.context());
      await cut;
      expect(it.decision.greenClosed).toBeDefined();
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
      await openGreenToMigration(it.context());
      expect(await refusal(green, 'bestie', [WRITE])).toBe('28000');
    }));

  test('waits for the end of its pods where green does not answer, and only then opens blue', () =>
    during(async (it, green) => {
      await migrating(it.context());
      it.namespace.migrations.add('bestie2-job-1');
      it.namespace.lingering.add('migrate');
      await green.stop();
      const aborted = abort(it.context());
      await until('the Job is deleted', () => it.namespace.migrations.size === 0);
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('55P03');
      it.namespace.lingering.delete('migrate');
      await aborted;
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
      // A later look at the same decision meets the migration of a plan that came after.
      it.namespace.migrations.add('bestie-job-2');
      await abort(it.context());
      expect(it.namespace.migrations.size).toBe(1);
    }));

  test('opens blue when its pods are gone, also where it has no right to end them', () =>
    during(async (it, green) => {
      await migrating(it.context());
      await green.stop();
      jest.spyOn(it.namespace, 'jobs').mockRejectedValue(new Error('403: jobs.batch is forbidden'));
      await abort(it.context());
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
    }));

  test('opens blue within a bound although neither green nor its pods can be reached', () =>
    during(async (it, green) => {
      await migrating(it.context());
      it.namespace.lingering.add('migrate');
      await green.stop();
      await abort(it.context());
      expect(it.decision).toMatchObject({ state: 'Aborted', unfenced: expect.any(String) });
      expect(await refusal(it.blue, 'bestie', [WRITE])).toBe('accepted');
    }));
});
