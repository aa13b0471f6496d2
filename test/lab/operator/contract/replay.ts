import type { Cluster } from '../core/cluster.ts';
import type { RecordedEvent, Scenario } from './recording.ts';
import { comparable } from './recording.ts';
import { World } from './world.ts';

/** Reconciles between two recorded events: the watch that recorded them merged what came quicker than it looked. */
const PASSES = 8;
const REPOSITORIES = new Set(['repo1']);

type Leaves = Readonly<Record<string, unknown>>;

/** What became of one recorded event: the state reached, the one recorded, and leaves that went astray between. */
export interface Reached {
  readonly at: number;
  readonly cluster: Cluster['metadata']['name'];
  readonly state: Leaves;
  readonly recorded: Leaves;
  readonly astray: readonly Leaves[];
}

/** Clusters live on from one scenario to the next, as they did when they were recorded. */
export class Replay {
  private readonly worlds = new Map<string, World>();

  play({ scenario, events }: Scenario): readonly Reached[] {
    if (scenario.startsWith('delete the failing Job')) this.worlds.get('bestie-pgo')?.deleteManualJob();
    return events.flatMap((event, index) => {
      const rest = events.slice(index + 1).filter((later) => later.cluster === event.cluster);
      if (event.event !== 'DELETED') return [this.reach(event, rest[0]?.event === 'DELETED')];
      this.worlds.delete(event.cluster);
      return [];
    });
  }

  private reach(event: RecordedEvent, deleting: boolean): Reached {
    const world = this.worlds.get(event.cluster) ?? new World(event);
    this.worlds.set(event.cluster, world);
    const recorded = comparable(event.status);
    const from = comparable(world.status);
    const source = event.spec.dataSource?.postgresCluster?.clusterName ?? '';
    const astray: Leaves[] = [];
    for (let pass = 0; pass < PASSES && !same(comparable(world.status), recorded); pass += 1) {
      world.advance(event, deleting);
      world.reconcile(this.worlds.has(source) ? REPOSITORIES : undefined);
      astray.push(...strayed(comparable(world.status), from, recorded));
    }
    return { at: event.seconds, cluster: event.cluster, state: comparable(world.status), recorded, astray };
  }
}

function same(a: Leaves, b: Leaves): boolean {
  return Object.keys({ ...a, ...b }).every((key) => a[key] === b[key]);
}

/** A state that was not recorded may only be on the way: every leaf is that of the one before or of the one after. */
function strayed(state: Leaves, from: Leaves, to: Leaves): readonly Leaves[] {
  const astray = Object.keys({ ...state, ...from, ...to }).filter(
    (key) => state[key] !== from[key] && state[key] !== to[key],
  );
  return astray.map((key) => ({ [key]: state[key], from: from[key], to: to[key] }));
}
