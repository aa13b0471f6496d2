import { z } from 'zod';

/**
 * The ledger: `status` of the Lifecycle object (design §1, §4). Only steps write it, by compare-and-swap on
 * resourceVersion. Times are ISO 8601 in UTC, durations are seconds, LSNs are PostgreSQL's text form.
 */
const time = z.iso.datetime();

/** A number of seconds, rounded to milliseconds by the writer. */
const seconds = z.number();

const evidence = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** One step of one plan. Its identity is digest + step. */
const stepRecord = z.object({
  digest: z.string(),
  step: z.string(),
  state: z.enum(['Started', 'Done', 'Failed']),
  startedAt: time,
  finishedAt: time.optional(),
  seconds: seconds.optional(),
  /** Code and text of the last failure; no secrets. */
  reason: z.string().optional(),
  evidence: evidence.optional(),
});

/** One holding connection of the keeper (fence protocol F3, F8). */
const holder = z.object({
  database: z.string(),
  pid: z.int(),
  /** `pg_current_xact_id()` of the transaction that holds the locks. */
  xid: z.string(),
  relations: z.int(),
});

/** What has to be put back on blue when the window is undone: rows of `pg_db_role_setting`, before the fence. */
const roleSettings = z.object({
  role: z.string(),
  /** '' = role-wide, else the database. */
  database: z.string(),
  /** `name=value` entries; null = there was no row. */
  settings: z.array(z.string()).nullable(),
});

const fence = z.object({
  restorePoint: z.string(),
  /** LSN that `pg_create_restore_point` returned. */
  lsn: z.string(),
  timeline: z.int(),
  systemIdentifier: z.string(),
  postmasterStartedAt: time,
  holders: z.array(holder),
  roles: z.array(roleSettings),
  /** Digest over F4's comparisons (sequences, materialized views, roles, relation list). */
  catalogDigest: z.string(),
  /** `pg_current_snapshot()` of blue, under the locks and before the restore point. */
  snapshot: z.string().optional(),
  fencedAt: time,
  lockedAt: time,
  archivedAt: time,
});

/** An instance and its objects, as a step's request has it. */
export const instance = z.object({
  /** The instance's name: `bestie`. */
  name: z.string(),
  version: z.string(),
  /** PostgresCluster: `bestie-pgo`. */
  cluster: z.string(),
  /** Deployment: `bestie-app`. */
  application: z.string(),
  /** Internal (preview) Service: `bestie-service`. */
  service: z.string(),
});

const decision = z.object({
  digest: z.string(),
  state: z.enum(['Open', 'Fenced', 'Committed', 'Aborted']),
  attempt: z.int(),
  blue: z.string(),
  green: z.string(),
  /** So that whoever finishes the decision of another plan knows its objects. */
  instances: z.object({ blue: instance, green: instance }).optional(),
  openedAt: time,
  /** Open → Fenced: from here on the window is counted. */
  fencedAt: time.optional(),
  committedAt: time.optional(),
  abortedAt: time.optional(),
  /** Why it was aborted: `code: text`. */
  reason: z.string().optional(),
  /** Role settings as they were, written together with Open → Fenced, before the first change on blue. */
  roles: z.array(roleSettings).optional(),
  /** The keeper's evidence, once the restore point is archived. */
  fence: fence.optional(),
  /** Roles that green has and blue has not, as they are to be on green: of a restore beside. */
  greenRoles: z.array(roleSettings).optional(),
  /** Who approved the switch to what was restored beside. */
  approvedBy: z.array(z.string()).optional(),
  /** Where they did: `owner/name#12`. */
  pullRequest: z.string().optional(),
  /** UID of green's PostgresCluster, so that an aborted one can be removed on a positive record only. */
  greenUid: z.string().optional(),
  /** Aborted: green's application roles cannot log in since. */
  greenClosed: time.optional(),
  /** Aborted is complete only with this. */
  unfenced: time.optional(),
  /** Committed: the Service selects green since. */
  flipped: time.optional(),
  /** Committed: green accepts writes since. */
  greenOpened: time.optional(),
  /** Committed is complete only with this. */
  blueClosed: time.optional(),
  /** The servers were found to be other than this decision says, and were made so again: the last time. */
  remade: time.optional(),
  /** Fence → greenOpened (Committed) or fence → unfenced (Aborted), and its parts by name. */
  windowSeconds: seconds.optional(),
  /** Writes on blue after the restore point: 0 when nothing can have been written until blue was closed. */
  lostWrites: z.int().optional(),
  /** Why that is not known, when it is not. */
  blueWrites: z.string().optional(),
  window: z.record(z.string(), seconds).optional(),
});

const rehearsal = z.object({
  digest: z.string(),
  /** What Switch would do: the Switch plan's digest that this rehearsal stands for, attempt aside. */
  finishedAt: time.optional(),
  /** Seconds by part: clone, start, verify, migrate, application, smoke, drain. */
  parts: z.record(z.string(), seconds),
  expectedWindowSeconds: seconds.optional(),
  rows: z.int().optional(),
});

/** How the target of a restore is reached. */
const recovery = z.object({
  label: z.string(),
  timeline: z.int(),
  /** The last moment whose commits it brings back. */
  reaches: time.optional(),
  options: z.array(z.string()),
});

/** A restore in place, by its id, which never runs again. */
const restore = z.object({
  id: z.string(),
  digest: z.string(),
  /** Whose database. */
  instance: z.string(),
  repository: z.string(),
  /** What was asked for, in words. */
  target: z.string(),
  /** Requested: its target is proven reachable. Paused: clients are off and the way back is kept. Restoring: the operator has it. */
  state: z.enum(['Requested', 'Paused', 'Restoring', 'Restored', 'Failed']),
  requestedAt: time,
  recovery,
  /** The version that fits the restored data: no other one runs on it until the file says so without the restore. */
  applicationVersion: z.string().optional(),
  /** When the file said so. */
  settledAt: time.optional(),
  /** Settings of the application's roles, before the first change: they get them back, on what is restored too. */
  roles: z.array(roleSettings).optional(),
  /** The way back: a restore point, its end, and since when nothing was written; to the microsecond. */
  before: z
    .object({ point: z.string(), lsn: z.string(), timeline: z.int(), at: time, label: z.string().optional() })
    .optional(),
  /** From before the first change until it is confirmed, or was undone: clients are off. */
  clientsOffAt: time.optional(),
  clientsBackAt: time.optional(),
  startedAt: time.optional(),
  /** Who approved it; absent where whoever runs the plugin wants no approval. */
  approvedBy: z.array(z.string()).optional(),
  /** Where they did: `owner/name#12`. */
  pullRequest: z.string().optional(),
  /** The PostgresCluster in which it was begun: one that was made again under its name is not restored over. */
  uid: z.string().optional(),
  /** The restore that the operator knew before; empty where it knew none. */
  operatorHad: z.string().optional(),
  finishedAt: time.optional(),
  /** Why it failed: `code: text`. */
  reason: z.string().optional(),
});

const rows = z.object({ inserted: z.int(), updated: z.int(), deleted: z.int() });

/** A restore beside, by its id, which never runs again. */
const clone = z.object({
  id: z.string(),
  digest: z.string(),
  /** The new instance. */
  instance: z.string(),
  /** Whose repository it is made from. */
  source: z.string(),
  repository: z.string(),
  /** What was asked for, in words. */
  target: z.string(),
  /** The source's database was gone: nothing could be proven, and nothing is kept on it. */
  sourceLost: z.literal(true).optional(),
  /** Requested: its target is proven reachable. Cloning: its PostgresCluster may be made. */
  state: z.enum(['Requested', 'Cloning', 'Cloned', 'Failed']),
  requestedAt: time,
  recovery,
  /** Who approved it; absent where whoever runs the plugin wants no approval. */
  approvedBy: z.array(z.string()).optional(),
  /** Where they did: `owner/name#12`. */
  pullRequest: z.string().optional(),
  startedAt: time.optional(),
  /** UID of its PostgresCluster: one that was made again under its name is another. */
  uid: z.string().optional(),
  finishedAt: time.optional(),
  /** Roles of the application in it, with their settings as they are to be after a switch to it. */
  roles: z.array(roleSettings).optional(),
  /** The next transaction id when its recovery had ended: what its source has beyond that came after the target. */
  nextXid: z.string().optional(),
  /** Where its recovery left its source's WAL. */
  ended: z.object({ lsn: z.string(), timeline: z.int() }).optional(),
  /** How many transaction ids its source had given out since the target, when it was closed to writes for the switch. */
  givenUpTransactions: z.int().optional(),
  /** What of it was committed to tables, as the archive tells; the tables with most of it, `database.schema.table`. */
  givenUpRows: rows.extend({ tables: z.array(rows.extend({ table: z.string() })) }).optional(),
  /** Why that is not known. */
  givenUpRowsUnknown: z.string().optional(),
  /** Until when its source was written to. */
  givenUpUntil: time.optional(),
  /** Why it failed: `code: text`. */
  reason: z.string().optional(),
});

export const statusSchema = z.object({
  observedGeneration: z.int().optional(),
  /** Progress for people, one line. */
  message: z.string().optional(),
  /** AtRest, Preparing, Prepared, Switching, Fenced, Committed, Aborted, Confirmed, Restoring, Restored, Resumed, TrafficOff. */
  phase: z.string().optional(),
  serving: z
    .object({
      instance: z.string(),
      version: z.string(),
      since: time,
      digest: z.string(),
      /** Where its backups are, by repository: fixed for its life, so as first seen. */
      repositories: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  decision: decision.optional(),
  rehearsal: rehearsal.optional(),
  /** Every restore in place that was requested, oldest first: an id never runs again, and the moments of each timeline. */
  restores: z.array(restore).optional(),
  /** Every restore beside that was requested, oldest first. */
  clones: z.array(clone).optional(),
  steps: z.array(stepRecord).optional(),
  /** Ended decisions, newest first, at most 10. */
  history: z.array(decision).optional(),
  /** What the file asks for and nobody has approved, as its last sync found it. */
  awaitingApproval: z.string().optional(),
  /** Objects that no policy guards at the moment: until when, and why. */
  brokenGlass: z.array(z.object({ object: z.string(), until: time, reason: z.string() })).optional(),
  /** For the printer column. */
  window: z.string().optional(),
});

export type Status = z.output<typeof statusSchema>;
export type Decision = z.output<typeof decision>;
export type StepRecord = z.output<typeof stepRecord>;
export type RoleSettings = z.output<typeof roleSettings>;
export type RestoreRecord = z.output<typeof restore>;
export type CloneRecord = z.output<typeof clone>;
export type Rehearsal = z.output<typeof rehearsal>;
