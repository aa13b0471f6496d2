import type { ErrorTable } from './error-text.ts';

/** Why a step refused, gave up or aborted; they stand in the ledger and in the Job's log. */
export const STEP_ERRORS = {
  'request-invalid': {
    title: 'the step was not given a request that it understands',
    remedy: 'run the step from the manifests that generate renders, with the image of the same version',
  },
  'attempt-aborted': {
    title: 'this attempt was aborted and is not tried again by itself',
    remedy: 'correct the cause and raise spec.green.attempt',
  },
  'other-plan-open': {
    title: 'another plan of this lifecycle is under way',
    remedy: 'wait until it has ended, or bring the file back to it',
  },
  'ledger-empty': {
    title: 'the ledger is empty, and the plan starts from an instance that serves',
    remedy:
      'if this is the instance that serves, adopt it: annotate the Lifecycle with lifecycle.bestie.com/adopt=<instance>; ' +
      'if its namespace was made again, put the status back, or bring the database back with restore.sourceLost',
  },
  'ledger-unreadable': {
    title: 'the Lifecycle object is missing, or its status does not fit its schema',
    remedy: 'sync the whole Application; if status was edited by hand, undo that',
  },
  'not-serving': {
    title: 'another instance serves than the one that the plan starts from',
    remedy: 'bring the file back to what status.serving says; lifecycle next makes green the new blue',
  },
  'green-exists': {
    title: 'a database of the name of green exists already, and no aborted attempt is on record for it',
    remedy: 'give green another name, or remove that database by hand if nobody needs it',
  },
  'step-out-of-order': {
    title: 'what this step stands on has not happened',
    remedy: 'sync the whole Application, not a part of it',
  },
  'not-in-time': {
    title: 'what was waited for did not come in time',
    remedy: 'see the message for what was seen last',
  },
  interrupted: {
    title: 'the step was asked to end before it was done',
    remedy: 'sync again: the step goes on where it was',
  },
  'api-failed': {
    title: 'the Kubernetes API refused or did not answer',
    remedy: 'see the message; sync the whole Application if a right is missing, then again when the API answers',
  },
  'backup-failed': { title: 'the backup failed', remedy: "read the log of the operator's backup Job" },
  'guard-failed': {
    title: 'the database holds something that a fence or a clone would miss',
    remedy: 'remove what the message names, then sync again',
  },
  'smoke-failed': { title: 'the smoke test did not get the expected answer', remedy: "read the application's log" },
  'migration-started-before': {
    title: 'the migration was started once and its end was not recorded; it is never run twice',
    remedy:
      "let the attempt abort, then raise spec.green.attempt; at rest: look at the database, then remove the step's record from the Lifecycle's status",
  },
  'migration-failed': {
    title: 'the migration failed',
    remedy: "read the Job's log, correct it, raise spec.green.attempt",
  },
} as const satisfies ErrorTable;
