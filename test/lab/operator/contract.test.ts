import { describe, expect, it } from '@jest/globals';
import { readRecording } from './contract/recording.ts';
import { Replay } from './contract/replay.ts';

/**
 * The lines of the contract that each recorded scenario stands for, as they were seen with PGO v6.0.3 (Kubernetes
 * 1.36.1, PostgreSQL 15): every one of the recording's scenarios must be named here.
 */
const CONTRACT: Readonly<Record<string, string>> = {
  create: 'A freshly created cluster has no PostgresDataInitialized condition.',
  'repo path outside the volume mount: stanza cannot be created; path removed':
    'Elsewhere than at /pgbackrest/repoN the stanza is never created: only stanzaCreated:false in status.',
  'manual backup b1 ok':
    'A Job is made only when a writable primary exists, the annotation is non-empty, manual is set, the repo host is ready, PGBackRestReplicaCreate=True, stanzaCreated.',
  'manual backup b2 fails (bad option)':
    'A failing Job is not a finished one: failed counts 1, 2, 3 … while finished stays false.',
  'b3 replaces running b2':
    'A new backup id does not start while the Job of the older id still retries: status shows the new id, finished:false, nothing runs.',
  'delete the failing Job of b2: b3 starts': 'After that Job was deleted the new one ran at once.',
  'clone bestie2-pgo from bestie-pgo':
    'Clone: restore.id="~pgo-bootstrap-<name>"; own repo, initial backup to repos[0] after start; systemIdentifier equals its source\'s.',
  'restore in place r1, time target':
    'status.pgbackrest is wiped, Progressing, instances and DCS deleted, PostgresDataInitialized removed; restored, and only then instances start. manualBackup is wiped and comes back later from the Job.',
  'restore block removed after r1':
    'Restore block removed after success (no dataSource): nothing happens, status.pgbackrest.restore stays.',
  'TRAP1: in-place restore on a cluster that still has dataSource': 'Restore on a clone with dataSource succeeded.',
  'TRAP1: restore disabled while dataSource remains':
    'Trap 1: disabling the restore makes the requested id ~pgo-bootstrap-<name>: torn down and re-cloned.',
  'dataSource removed after the clone: nothing happens': 'dataSource removed after a finished clone: nothing happens.',
  'dataSource put back after a clone: nothing happens?': 'dataSource put back after a finished clone: nothing happens.',
  'r2 fails: target not quoted': 'Unquoted target time: the Job fails again and again and the cluster stays down.',
  'r3: corrected, target beyond the end of the archive':
    "Restore target past the archive's end: active:1, finished:false for ever.",
  'r4 latest, while r3 loops':
    'A new restore id does replace a failing or looping restore at once; the first try may fail once, the next succeeds.',
  'TRAP2: dataSource added to an established cluster': 'Recorded again below, on a cluster of its own.',
  'restore block removed, then fresh cluster third-pgo without dataSource':
    'create → instance Ready → first backup: PGBackRestReplicaCreate=True.',
  'TRAP2: dataSource added to established third-pgo':
    'Trap 2: adding dataSource to an existing non-cloned cluster restores over it.',
  'clone from a cluster that does not exist':
    'Source that does not exist: restore {id, finished:false} and the event InvalidDataSource, nothing else.',
  'clone with a backup label that does not exist': 'failed counts while finished stays false, for a clone as well.',
  'dataSource corrected after the failed clone': 'Corrected after a failed clone: the clone starts again by itself.',
  'dataSource removed in the middle of a clone':
    'Removed in the middle of a clone: instances start, and restore {active:1, finished:false} stays for ever.',
};

const scenarios = readRecording();

describe('the stand-in passes through the states of the real operator, in the same order', () => {
  const replay = new Replay();

  it('knows every scenario that was recorded, and all of their events', () => {
    expect(scenarios.map(({ scenario }) => scenario)).toEqual(Object.keys(CONTRACT));
    expect(scenarios.flatMap(({ events }) => events)).toHaveLength(172);
  });

  it.each(scenarios.map((scenario) => [scenario.scenario, CONTRACT[scenario.scenario], scenario] as const))(
    '%s: %s',
    (_name, _line, scenario) => {
      const reached = replay.play(scenario);
      const events = scenario.events.filter(({ event }) => event !== 'DELETED');
      expect(reached.map(({ at, cluster, state }) => ({ at, cluster, state }))).toEqual(
        reached.map(({ at, cluster, recorded }) => ({ at, cluster, state: recorded })),
      );
      expect(reached.flatMap(({ astray }) => astray)).toEqual([]);
      expect(reached).toHaveLength(events.length);
    },
  );
});
