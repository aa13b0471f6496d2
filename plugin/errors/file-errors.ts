import type { ErrorTable } from './error-text.ts';

/** Problems of a lifecycle file; each is reported with its position. */
export const FILE_ERRORS = {
  'file-too-large': {
    title: 'the file is larger than 1 MiB',
    remedy: 'keep only the one Lifecycle in it; large data belongs into a ConfigMap or the image',
  },
  'not-utf8': { title: 'the file is not UTF-8', remedy: 'save it as UTF-8' },
  'empty-file': { title: 'the file holds no object', remedy: 'write one Lifecycle, or remove the file' },
  'yaml-syntax': { title: 'this is no valid YAML', remedy: 'correct the syntax at this place' },
  'yaml-too-deep': { title: 'the YAML is nested too deeply', remedy: 'nest at most 64 levels' },
  'yaml-feature': {
    title: 'a YAML feature that would be read in more than one way (tag, merge key, key that is no string)',
    remedy: 'write plain keys and values',
  },
  'several-documents': {
    title: 'the file holds more than one YAML document',
    remedy: 'one Lifecycle a file: move the others into folders of their own',
  },
  'duplicate-key': { title: 'the same key stands twice in one mapping', remedy: 'keep one of them' },
  'alias-limit': {
    title: 'too many YAML aliases, or one that contains itself',
    remedy: 'write the values out instead of using aliases',
  },
  'wrong-api': {
    title: 'not a Lifecycle of an API version that this plugin knows',
    remedy: 'set apiVersion: lifecycle.bestie.com/v1alpha1 and kind: Lifecycle',
  },
  'unknown-field': { title: 'there is no such field', remedy: 'correct its name or remove it' },
  'missing-field': { title: 'a required field is missing', remedy: 'add it' },
  'wrong-type': { title: 'the value has the wrong type', remedy: 'write a value of the type that is expected' },
  'wrong-value': { title: 'the value is not allowed here', remedy: 'use one of the allowed values' },
  'status-in-file': {
    title: 'the file holds a status',
    remedy: 'remove it: only the steps write status, in the cluster',
  },
  'secret-in-file': {
    title: 'this looks like a credential in plain text',
    remedy: 'put it into a Secret, refer to that by name, and change the credential: it is in Git now',
  },
  'name-invalid': {
    title: 'the name breaks the rules of Kubernetes or PostgreSQL',
    remedy: 'use lower-case letters, digits and "-", starting with a letter and not ending with "-"',
  },
  'name-too-long': {
    title: 'the name, or one derived from it, is longer than Kubernetes or the operator allows',
    remedy: 'choose a shorter name',
  },
  'names-collide': {
    title: 'two objects of this lifecycle would have the same name',
    remedy: 'rename one of them, or set another name under names',
  },
  'names-fixed': {
    title: 'kind Bestie fixes the names of its objects',
    remedy:
      'leave names out (the Bestie operator looks for <name>-pgo, <name>-app and <name>-service), or use kind Deployment',
  },
  'bad-cron': {
    title: 'this is no cron schedule that Kubernetes accepts',
    remedy: 'write five fields (minute hour day-of-month month day-of-week), such as "0 1 * * 0"',
  },
  'bad-retention': {
    title: 'pgBackRest would not accept this retention',
    remedy: 'set full (1–9999999) with fullType count or time, and differential (1–9999999) only beside it',
  },
  'repository-without-backend': {
    title: 'the repository does not say where it is',
    remedy: 'add one of volume, s3, gcs, azure',
  },
  'repository-with-two-backends': {
    title: 'the repository has more than one backend, of which the operator would use one silently',
    remedy: 'keep one of volume, s3, gcs, azure',
  },
  'duplicate-repository': { title: 'two repositories have the same name', remedy: 'use repo1 to repo4 once each' },
  'repositories-share-path': {
    title: 'two repositories or instances share bucket and path, which corrupts both',
    remedy: 'give each a bucket or a path of its own',
  },
  'volume-repository-path': {
    title: 'a volume repository cannot have a path: it is mounted at /pgbackrest/<name> on a read-only root',
    remedy: 'remove path; only cloud repositories take one',
  },
  'source-lost-volume': {
    title: 'a volume repository goes with its database: nothing can be restored from it where that is gone',
    remedy: 'name a cloud repository',
  },
  'credentials-missing': {
    title: 'a cloud repository without credentials',
    remedy: 'name the Secret that holds them: credentials: <secret>',
  },
  'credentials-unused': {
    title: 'a volume repository needs no credentials',
    remedy: 'remove credentials, or move the repository to s3, gcs or azure',
  },
  'ca-source': {
    title: 'a CA is in exactly one Secret or ConfigMap',
    remedy: 'keep one of secret and configMap',
  },
  'ca-files-collide': {
    title: "the CAs of two repositories would be one file in pgBackRest's folder",
    remedy: 'store it under a key that no other repository uses, such as repo2-ca.crt, and name that: ca.key',
  },
  'unknown-repository': {
    title: 'there is no backup repository of this name',
    remedy: 'name one of spec.backup.repositories',
  },
  'replicas-exceed-max': {
    title: 'replicas is greater than maxReplicas',
    remedy: 'raise maxReplicas or lower replicas',
  },
  'owned-field': {
    title: 'the plan owns this field',
    remedy: 'remove it from the patch',
  },
  'owned-parameter': {
    title: 'the plan relies on this PostgreSQL parameter',
    remedy: 'remove it',
  },
  'forbidden-option': {
    title: 'the operator forbids this pgBackRest option, or the plan sets it',
    remedy: 'remove it',
  },
  'green-is-blue': {
    title: 'green and blue are the same instance',
    remedy: 'give green a name of its own',
  },
  'instance-closed': {
    title: 'an instance of this name, or its database, served before and is still there, closed',
    remedy: 'choose another name; this one is free again when that instance is retired and gone from spec.closed',
  },
  'green-with-restore': {
    title: 'green and restore stand in one file',
    remedy: 'finish one of them first',
  },
  'restore-target': {
    title: 'a restore needs exactly one target',
    remedy: 'keep one of target.time, target.backup, target.latest, target.undo (the id of another restore)',
  },
  'field-not-for-mode': {
    title: 'the field does not fit the mode, strategy or stage beside it',
    remedy: 'remove it, or choose the mode, strategy or stage that uses it',
  },
  'not-supported-yet': {
    title: 'valid, but this version of the plugin does not act on it, and no file is half-obeyed',
    remedy: 'keep to green with strategy Clone and stage Prepare or Switch',
  },
} as const satisfies ErrorTable;

export type FileErrorCode = keyof typeof FILE_ERRORS;
