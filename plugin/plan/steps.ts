/**
 * The one table of steps: renderer, steps, docs and the `plan` command read it.
 * Waves are Argo CD's; a hook's phase stands in the wave's place.
 */
export type PlanKind = 'AtRest' | 'Prepare' | 'Switch' | 'Restore';

export type StepName =
  | 'access'
  | 'database'
  | 'blue'
  | 'preflight'
  | 'backup'
  | 'restore-point'
  | 'fence'
  | 'green-database'
  | 'verify'
  | 'rehearse-blue'
  | 'migrate'
  | 'application'
  | 'smoke'
  | 'commit'
  | 'traffic'
  | 'confirm'
  | 'abort'
  | 'pause'
  | 'restore'
  | 'resume'
  | 'guard';

/** What runs in a step's pod: `lifecycle-step <command>`. */
export type StepCommand =
  | 'preflight'
  | 'backup'
  | 'restore-point'
  | 'keeper'
  | 'verify'
  | 'migrate'
  | 'migrated'
  | 'smoke'
  | 'commit'
  | 'confirm'
  | 'abort'
  | 'pause'
  | 'restore'
  | 'resume'
  | 'guard';

export type Wave = number | 'PostSync' | 'SyncFail';

export interface Step {
  readonly name: StepName;
  readonly wave: Wave;
  /** A hook in its wave: Argo CD makes it anew at every sync, however often it was through. */
  readonly everySync?: boolean;
  /** Absent: only manifests with a health check. */
  readonly command?: StepCommand;
  /** One line each, for `lifecycle plan` and the reference. */
  readonly does: string;
  readonly proves: string;
}

const access: Step = {
  name: 'access',
  wave: 0,
  does: 'ServiceAccounts, Roles and the Lifecycle object',
  proves: 'applied',
};
/** In the wave of what it runs with: the next one waits for it. A restore may have begun before it was taken out of the file. */
const guard: Step = {
  name: 'guard',
  wave: 0,
  everySync: true,
  command: 'guard',
  does: 'looks at what was begun before',
  proves: 'clients are off for no restore, and no other version comes to what one has brought back',
};
const blue: Step = {
  name: 'blue',
  wave: 1,
  does: "blue's database and application as they are",
  proves: 'healthy, no restore running',
};
const preflight: Step = {
  name: 'preflight',
  wave: 2,
  command: 'preflight',
  does: 'finishes what a window left; checks every guard; removes green of an aborted attempt',
  proves: 'archiving works, no other plan open, nothing in the database that a fence or a clone would miss',
};
const backup: Step = {
  name: 'backup',
  wave: 3,
  command: 'backup',
  does: 'a backup of blue',
  proves: 'finished, under this id',
};
const migrate: Step = {
  name: 'migrate',
  wave: 7,
  command: 'migrate',
  does: "the migrations, in green's image, on the clone",
  proves: 'exit 0, recorded once',
};
const database: Step = {
  name: 'database',
  wave: 1,
  does: 'the PostgresCluster with its backup policy',
  proves: 'healthy',
};
const traffic: Step = {
  name: 'traffic',
  wave: 5,
  does: 'the Service that clients use',
  proves: 'selects the instance that serves',
};
const confirm = (does: string, proves: string): Step => ({
  name: 'confirm',
  wave: 'PostSync',
  command: 'confirm',
  does,
  proves,
});

export const STEPS: Readonly<Record<PlanKind, readonly Step[]>> = {
  AtRest: [
    access,
    guard,
    database,
    { ...backup, wave: 2, does: 'the backup on demand' },
    { ...migrate, wave: 3, does: 'the migrations of this version' },
    { name: 'application', wave: 4, does: 'the application and its internal Service', proves: 'available' },
    traffic,
    confirm('scales the application, records what serves', 'endpoints are this instance only'),
  ],
  Prepare: [
    access,
    guard,
    blue,
    preflight,
    backup,
    {
      name: 'restore-point',
      wave: 4,
      command: 'restore-point',
      does: "a named restore point in blue's WAL",
      proves: 'archived',
    },
    {
      name: 'green-database',
      wave: 5,
      does: 'a clone of blue, under a name of its own',
      proves: 'clone done for this id',
    },
    {
      name: 'verify',
      wave: 6,
      command: 'verify',
      does: 'compares the clone as the window does, and makes it read-only',
      proves: 'it ended at this restore point',
    },
    { name: 'rehearse-blue', wave: 7, does: "blue's version on the read-only clone", proves: 'available' },
    { ...migrate, wave: 8 },
    { name: 'application', wave: 9, does: "green's version on the read-only, migrated clone", proves: 'available' },
    {
      name: 'smoke',
      wave: 10,
      command: 'smoke',
      does: 'opens the clone; HTTP through its own Service; a write as the application',
      proves: 'expected answers',
    },
    { name: 'traffic', wave: 11, does: 'the Service that clients use, unchanged', proves: 'selects blue' },
    confirm('writes down what the rehearsal measured', 'seconds of every part, rows'),
  ],
  Switch: [
    access,
    guard,
    blue,
    preflight,
    backup,
    {
      name: 'fence',
      wave: 4,
      command: 'keeper',
      does: 'closes blue to writes; restore point made and archived',
      proves: 'canaries refused, locks held, restore point archived',
    },
    {
      name: 'green-database',
      wave: 5,
      does: 'green: a clone of blue to the restore point',
      proves: 'clone done for this id',
    },
    {
      name: 'verify',
      wave: 6,
      command: 'verify',
      does: 'compares green with blue: system, catalogs, sequences, roles, ends of files; with verify: Full every row',
      proves: 'equal, and it ended at this restore point',
    },
    migrate,
    { name: 'application', wave: 8, does: "green's application with a preview Service", proves: 'available' },
    {
      name: 'smoke',
      wave: 9,
      command: 'smoke',
      does: 'scales green; HTTP through the preview Service; a canary as the application',
      proves: 'expected answers',
    },
    {
      name: 'commit',
      wave: 10,
      command: 'commit',
      does: "the decision; Service flipped, blue's application ended, green opened, blue closed",
      proves: 'compare-and-swap won; green takes writes, blue none',
    },
    {
      name: 'traffic',
      wave: 11,
      does: 'the Service that clients use, selecting green',
      proves: 'endpoints are green only',
    },
    confirm('traffic seen on green; a backup of green; window and lost writes', 'serving recorded'),
    {
      name: 'abort',
      wave: 'SyncFail',
      command: 'abort',
      does: 'if not committed: green closed, then blue opened again',
      proves: 'blue accepts writes',
    },
  ],
  Restore: [
    access,
    {
      name: 'preflight',
      wave: 1,
      command: 'preflight',
      does: 'proves that the target can be reached, while the database serves',
      proves: 'every segment on the way is archived, and a commit after the target',
    },
    { ...backup, wave: 2, does: 'a backup of what serves' },
    {
      name: 'pause',
      wave: 3,
      command: 'pause',
      does: 'clients off, the application ended, its roles closed; a restore point, to which the restore can be undone',
      proves: 'nobody writes, the restore point is archived, the target can still be reached',
    },
    {
      name: 'restore',
      wave: 4,
      command: 'restore',
      does: 'the operator restores over the database, once',
      proves: 'finished, under this id',
    },
    // Behind the restore: a database that is torn down is not healthy.
    { ...database, wave: 5 },
    {
      name: 'verify',
      wave: 6,
      command: 'verify',
      does: 'looks where the recovery ended; roles and passwords as they are to be',
      proves: 'it ended at the target; the application can log in',
    },
    { ...migrate, wave: 7, does: 'the migrations of the version that fits' },
    { name: 'application', wave: 8, does: 'the application, at the version that fits', proves: 'available' },
    {
      name: 'smoke',
      wave: 9,
      command: 'smoke',
      does: 'scales the application; HTTP through its own Service; a write as the application',
      proves: 'expected answers',
    },
    { ...traffic, wave: 10 },
    confirm('records what serves; a backup of what was restored', 'endpoints are this instance only'),
    {
      name: 'resume',
      wave: 'SyncFail',
      command: 'resume',
      does: 'if the restore has not begun: roles opened, application and clients as before',
      proves: 'the database accepts writes',
    },
  ],
};
