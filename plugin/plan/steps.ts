/**
 * The one table of steps: renderer, steps, docs and the `plan` command read it.
 * Waves are Argo CD's; a hook's phase stands in the wave's place.
 */
export const PLAN_KINDS = [
  'AtRest',
  'Prepare',
  'Switch',
  'Restore',
  'RestoreBeside',
  'SwitchRestored',
  'Recover',
] as const;
export type PlanKind = (typeof PLAN_KINDS)[number];

export type StepName =
  | 'access'
  | 'database'
  | 'blue'
  | 'blue-application'
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
  | 'guard'
  | 'clone'
  | 'restored-database'
  | 'preview'
  | 'previewed'
  | 'open-window'
  | 'promote';

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
  | 'guard'
  | 'clone'
  | 'cloned'
  | 'open-window'
  | 'promote';

export type Wave = number | 'PostSync' | 'SyncFail';

export interface Step {
  readonly name: StepName;
  readonly wave: Wave;
  /** A hook in its wave: Argo CD makes it anew at every sync, however often it was through. */
  readonly everySync?: boolean;
  /** Argo CD leaves its objects as they are, there or not, and waits for none of them. */
  readonly leftAlone?: boolean;
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

const fence: Step = {
  name: 'fence',
  wave: 4,
  command: 'keeper',
  does: 'closes blue to writes; restore point made and archived',
  proves: 'canaries refused, locks held, restore point archived',
};
const commit: Step = {
  name: 'commit',
  wave: 10,
  command: 'commit',
  does: "the decision; Service flipped, blue's application ended, green opened, blue closed",
  proves: 'compare-and-swap won; green takes writes, blue none',
};
const abort: Step = {
  name: 'abort',
  wave: 'SyncFail',
  command: 'abort',
  does: 'if not committed: green closed, then blue opened again',
  proves: 'blue accepts writes',
};
const smoke: Step = {
  name: 'smoke',
  wave: 9,
  command: 'smoke',
  does: 'scales green; HTTP through the preview Service; a canary as the application',
  proves: 'expected answers',
};

/** From a proof of the target to an application that runs; the waves from this one on. */
const restored = (wave: number): readonly Step[] => [
  {
    ...preflight,
    wave,
    does: 'finishes what a window left; proves that the target can be reached',
    proves: 'every segment on the way is archived, and a commit after the target',
  },
  {
    name: 'clone',
    wave: wave + 1,
    command: 'clone',
    does: 'makes the PostgresCluster of the new instance, once, as a clone at the target',
    proves: 'made for this id',
  },
  {
    name: 'restored-database',
    wave: wave + 2,
    command: 'cloned',
    does: 'the new PostgresCluster as it is to be from now on',
    proves: 'cloned, and healthy',
  },
  {
    name: 'verify',
    wave: wave + 3,
    command: 'verify',
    does: 'looks where the recovery ended, and makes the new instance read-only for the application',
    proves: 'it ended at the target; the application can log in',
  },
  { ...migrate, wave: wave + 4, does: 'the migrations of the version that fits, on the new instance' },
  {
    name: 'application',
    wave: wave + 5,
    does: 'the application at the version that fits, with a preview Service',
    proves: 'available',
  },
];

/** What is restored beside stands before anything is asked of what serves, but of its database. */
const beside: readonly Step[] = [access, guard, database, ...restored(2)];
/** Behind all that restores: that it is not well may be why somebody restores. */
const blueApplication = (wave: number): Step => ({
  name: 'blue-application',
  wave,
  does: "blue's application as it is",
  proves: 'available',
});

const restoredSmoke: Step = {
  ...smoke,
  does: 'scales the application; HTTP through its own Service; a canary as the application',
};

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
    fence,
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
    smoke,
    commit,
    {
      name: 'traffic',
      wave: 11,
      does: 'the Service that clients use, selecting green',
      proves: 'endpoints are green only',
    },
    confirm('traffic seen on green; a backup of green; window and lost writes', 'serving recorded'),
    abort,
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
  RestoreBeside: [
    ...beside,
    { ...restoredSmoke, name: 'preview', wave: 8 },
    blueApplication(9),
    { name: 'traffic', wave: 9, does: 'the Service that clients use, unchanged', proves: 'selects blue' },
    {
      ...confirm('records that the new instance can be looked at', 'it answers, and clients are still led to blue'),
      name: 'previewed',
    },
  ],
  SwitchRestored: [
    ...beside,
    { ...restoredSmoke, wave: 8 },
    {
      name: 'open-window',
      wave: 9,
      command: 'open-window',
      does: 'checks every guard of blue; opens the decision',
      proves: 'archiving works, no other plan open, nothing in the database that a fence would miss',
    },
    { ...fence, wave: 10 },
    { ...commit, wave: 11 },
    blueApplication(12),
    { ...traffic, wave: 12, does: 'the Service that clients use, selecting the new instance' },
    confirm('traffic seen on the new instance; a backup of it; window, and what blue keeps', 'serving recorded'),
    abort,
  ],
  Recover: [
    access,
    ...restored(1).map((step) =>
      step.name === 'preflight'
        ? {
            ...step,
            does: 'sees that the database is gone, and how the target is reached',
            proves: 'nothing is left of it',
          }
        : step,
    ),
    { ...restoredSmoke, wave: 7 },
    {
      name: 'promote',
      wave: 8,
      command: 'promote',
      does: 'the decision for what was restored; it takes writes, and the Service selects it',
      proves: 'what was lost is still gone; a write works',
    },
    { ...traffic, wave: 9, does: 'the Service that clients use, selecting the new instance' },
    confirm('traffic seen on the new instance; a backup of it', 'serving recorded'),
    {
      ...abort,
      does: 'if it is decided: what was restored takes writes, and clients are led to it',
      proves: 'nothing is left half-way',
    },
  ],
};

/** Plans with a window: the decision, the fence, and what is to serve. */
export const decides = (kind: PlanKind): boolean => kind === 'Switch' || kind === 'SwitchRestored';

/** Plans in whose end clients are led to another instance. */
export const movesTraffic = (kind: PlanKind): boolean => decides(kind) || kind === 'Recover';

/** Plans of a restore into an instance of its own. */
export const isBeside = (kind: PlanKind): boolean =>
  kind === 'RestoreBeside' || kind === 'SwitchRestored' || kind === 'Recover';
