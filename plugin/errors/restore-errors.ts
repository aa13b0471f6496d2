import type { ErrorTable } from './error-text.ts';

/** Why a restore was refused before anything was touched, or failed. */
export const RESTORE_ERRORS = {
  'restore-target-future': {
    title: 'the moment to restore to is not over yet',
    remedy: 'give a moment that is over, by the clock of the database',
  },
  'restore-target-too-early': {
    title: 'no backup that is kept leads to the target',
    remedy: 'give a moment within the range that the message names, or another repository',
  },
  'restore-target-in-gap': {
    title: 'WAL on the way to the target is missing in the archive',
    remedy: 'give a moment within the range that the message names, the label of a backup, or another repository',
  },
  'restore-target-unknown': {
    title: 'the backup or the restore that the target names is not on record',
    remedy: 'give a label or an id that the message names',
  },
  'restore-backup-damaged': {
    title: 'the backup holds pages with wrong checksums',
    remedy: 'give another backup, or a moment that another backup leads to',
  },
  'restore-id-used': {
    title: 'the id of the restore was used for another one',
    remedy: 'give this restore an id of its own; an id runs once',
  },
  'restore-repository-unreadable': {
    title: 'the record of the repository could not be read',
    remedy: 'see the message of pgBackRest; the repository has to answer before anything is restored from it',
  },
  'restore-unsafe': {
    title: 'the restore would destroy more than it was asked to',
    remedy: 'remove what the message names from the PostgresCluster, then sync again',
  },
  'restore-version': {
    title: 'another version than the one that fits the restored data would run on it',
    remedy:
      'write the version that the message names into blue.version (lifecycle next does), then upgrade by a switch',
  },
  'restore-failed': {
    title: 'the restore failed; the database is down until another one succeeds',
    remedy: "read the log of the operator's restore Job, correct the cause, and ask for a restore with a new id",
  },
  'restore-beside-failed': {
    title: 'the restore beside failed; what serves was not touched',
    remedy:
      "read the log of the operator's restore Job, take the restore out of the file, and ask for it again with a new id",
  },
} as const satisfies ErrorTable;
