import type { ErrorTable } from './error-text.ts';

/** Why a window could not be opened, was ended, or could not be committed. */
export const FENCE_ERRORS = {
  'fence-leaks': {
    title: 'a canary write was not refused while the fence stood',
    remedy: 'see the message for the role and the database; report it with the roles and settings involved',
  },
  'locks-not-granted': {
    title: 'the locks on blue were not granted within their bound',
    remedy: 'end long transactions of the application, then raise spec.green.attempt',
  },
  'fence-lost': {
    title: 'the keeper lost its locks, so blue could have been written to',
    remedy: 'raise spec.green.attempt to try again',
  },
  'window-over-budget': {
    title: 'the window reached windowBudget and was undone',
    remedy: 'raise spec.green.windowBudget, or make clone and migration faster, and raise spec.green.attempt',
  },
  'not-archived': {
    title: 'the restore point did not reach the archive',
    remedy: 'repair the archiving of blue, then raise spec.green.attempt',
  },
  'clone-differs': {
    title: 'green is not what blue was at the restore point',
    remedy: 'see the message for what differs; raise spec.green.attempt to try again',
  },
  'blue-changed': {
    title: 'blue is not as it was when the fence was closed',
    remedy: 'see the message for what changed; raise spec.green.attempt to try again',
  },
  'lost-writes': {
    title: 'blue may have taken writes after the restore point, and green does not have them',
    remedy:
      'green serves; see what they were (pg_waldump --xid over the WAL of blue from the restore point on, or blue itself, which is kept closed) and bring them to green by hand; then annotate the Lifecycle in its file with lifecycle.bestie.com/accept-lost-writes=<digest of the plan>',
  },
  'green-unavailable': {
    title: "green's server does not take writes, so nothing was committed",
    remedy: 'see why it is down, then raise spec.green.attempt',
  },
  'decision-lost': {
    title: 'the decision was taken by another: the compare-and-swap was lost',
    remedy: 'nothing to do: read status.decision for what was decided',
  },
  aborted: { title: 'the switch was aborted', remedy: 'correct the cause and raise spec.green.attempt' },
} as const satisfies ErrorTable;
