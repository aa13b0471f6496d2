import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Status } from '../../lifecycle/status.ts';
import { instanceSelector, LABEL } from '../../plan/labels.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { StepCommand } from '../../plan/steps.ts';
import { awaitClone } from '../beside/await-clone.ts';
import { makeClone } from '../beside/make-clone.ts';
import { restoreInPlace } from '../restore/restore-in-place.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { backup } from '../backup/backup.ts';
import { createConfirm } from '../confirm/confirm.ts';
import { createPreflight } from '../preflight/preflight.ts';
import { runStep } from './runner.ts';
import { createSmoke } from '../application/smoke.ts';
import { withDone } from '../ledger/step-records.ts';
import type { RunStep } from '../ports/step.ts';
import { killedAt } from '../testing/faults.ts';
import { addGreen, BLUE, DIGEST, GREEN, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';

/** Every step can be killed at any point and run again: the same end, and nothing done twice. */
interface Case {
  readonly command: StepCommand;
  readonly run: RunStep;
  readonly world: () => World;
  /** Default: that of a switch. */
  readonly request?: StepRequest;
}

const openedAt = '2026-11-22T09:00:00.000Z';
const base = { digest: DIGEST, attempt: 1, blue: BLUE.name, green: GREEN.name, openedAt };

function abortedBefore(): World {
  const old = {
    ...base,
    digest: 'old',
    state: 'Aborted' as const,
    unfenced: openedAt,
    greenUid: `uid-${GREEN.cluster}`,
  };
  const world = worldAtRest({ serving: SERVING, decision: old });
  addGreen(world);
  return world;
}

function fenced(): World {
  const status: Status = { serving: SERVING, decision: { ...base, state: 'Fenced' } };
  const world = worldAtRest(withDone(status, DIGEST, 'migrate', new Date(openedAt), {}));
  addGreen(world);
  return world;
}

function committed(): World {
  const status: Status = { serving: SERVING, decision: { ...base, state: 'Committed', blueClosed: openedAt } };
  const world = worldAtRest(withDone(status, DIGEST, 'verify', new Date(openedAt), { content: 'content' }));
  addGreen(world);
  world.cluster.services.set('bestie', instanceSelector('bestie', GREEN.name));
  world.cluster.deployments.set(BLUE.application, { instance: BLUE.name, wanted: 0, ready: 1 });
  return world;
}

const TARGET = { id: 'r1', repository: 'repo1', target: { backup: '20261122-010000F' } } as const;
const RECOVERY = { label: '20261122-010000F', timeline: 1, options: ['--type=immediate', '--set=20261122-010000F'] };
const ASKED = {
  ...TARGET,
  target: 'backup 20261122-010000F',
  digest: DIGEST,
  requestedAt: openedAt,
  recovery: RECOVERY,
};

function paused(): World {
  const restore = { ...ASKED, instance: BLUE.name, state: 'Paused', clientsOffAt: openedAt } as const;
  return worldAtRest({ serving: SERVING, restores: [restore] });
}

const besideOf = (state: 'Requested' | 'Cloning'): World =>
  worldAtRest({ serving: SERVING, clones: [{ ...ASKED, instance: GREEN.name, source: BLUE.name, state }] });

const BESIDE = requestFor('RestoreBeside', {
  restore: TARGET,
  creates: {
    metadata: { name: GREEN.cluster, labels: { [LABEL.role]: 'restored' } },
    spec: { instances: [{ name: 'set1', replicas: 1 }], backups: { pgbackrest: { repos: [] } } },
  },
});

function cloning(): World {
  const world = besideOf('Cloning');
  world.cluster.operator.clone(GREEN.cluster, {
    metadata: { name: GREEN.cluster },
    spec: { ...BESIDE.creates?.spec, dataSource: {} },
  });
  return world;
}

const ok = (): Promise<number> => Promise.resolve(200);
const CASES: readonly Case[] = [
  {
    command: 'preflight',
    run: createPreflight(
      () => Promise.resolve([]),
      () => Promise.resolve(),
    ),
    world: abortedBefore,
  },
  { command: 'backup', run: backup, world: () => worldAtRest() },
  { command: 'smoke', run: createSmoke(ok, () => Promise.resolve({})), world: fenced },
  {
    command: 'confirm',
    run: createConfirm(
      ok,
      () => Promise.resolve('content'),
      () => Promise.resolve(),
    ),
    world: committed,
  },
  {
    command: 'restore',
    run: (context) => restoreInPlace(context, BLUE.cluster, wantedRestore(context.request)),
    world: paused,
    request: requestFor('Restore', { restore: TARGET }),
  },
  { command: 'clone', run: makeClone, world: () => besideOf('Requested'), request: BESIDE },
  { command: 'cloned', run: awaitClone, world: cloning, request: BESIDE },
];

/** What counts at the end, times aside. */
function endOf({ ledger, cluster }: World): unknown {
  const { decision, history, phase, serving, steps = [] } = ledger.status;
  return {
    phase,
    serving: serving?.instance,
    decision: decision && { digest: decision.digest, state: decision.state },
    history: history?.map(({ digest }) => digest),
    steps: steps.map(({ step, state }) => ({ step, state })),
    backups: cluster.backups(),
    deployments: [...cluster.deployments].map(([name, { wanted }]) => [name, wanted]),
    databases: [BLUE, GREEN].map(({ cluster: name }) => cluster.operator.view(name)?.annotations),
    restores: [ledger.status.restores, ledger.status.clones].map((all) => all?.map(({ id, state }) => ({ id, state }))),
    restored: cluster.operator.restores,
    made: cluster.operator.made,
    deletions: cluster.effects.filter((effect) => effect.startsWith('delete ')).sort(),
  };
}

describe.each(CASES)('$command', ({ command, run, world: create, request = requestFor('Switch') }) => {
  test('killed at any call, before or after its effect, and run again', async () => {
    const undisturbed = create();
    const counted = killedAt(undisturbed, Number.POSITIVE_INFINITY, 'before');
    expect(await runStep(undisturbed.context(request, counted), command, run)).toMatchObject({ exit: 0 });
    const wanted = endOf(undisturbed);

    const kill = fc.record({
      call: fc.integer({ min: 1, max: counted.calls() }),
      moment: fc.constantFrom('before' as const, 'after' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(kill, { minLength: 1, maxLength: 3 }), fc.nat(20), async (kills, pause) => {
        const world = create();
        for (const { call, moment } of kills) {
          await runStep(world.context(request, killedAt(world, call, moment)), command, run);
          await world.clock.sleep(pause * 1000);
        }
        expect(await runStep(world.context(request), command, run)).toMatchObject({ exit: 0 });
        expect(endOf(world)).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });
});
