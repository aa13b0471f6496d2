import { z } from 'zod';

/**
 * The kinds of values that a lifecycle file is made of. Patterns keep to what both JavaScript and RE2 read (the API
 * server checks the CRD's), and to what matches in linear time: files are hostile.
 */

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const ROLE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const OBJECT = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** A value that does not match one of these is a name that breaks the rules. */
export const NAME_PATTERNS: readonly string[] = [LABEL, ROLE, OBJECT].map(String);

/** RFC 1035 label: the narrowest of the names that Kubernetes asks for, so that one name fits every kind of object. */
export const dnsLabel = z
  .string()
  .max(63)
  .regex(LABEL, 'a DNS label: lower-case letters, digits and "-", starting with a letter');

/** The major versions on which the fence is tested, each on a real server (`make sql-all`). */
export const postgresVersion = z.int().min(14).max(18);

/** How a clone is compared with its source (ADR 20). */
export const verification = z.enum(['Physical', 'Full']);

/** The operator's pattern for users and databases (PostgresCluster `spec.users[].name`). */
export const roleName = z.string().max(63).regex(ROLE, 'a name of lower-case letters, digits and "-"');

/** Names of Secrets and StorageClasses: RFC 1123 subdomains. */
export const objectName = z.string().max(253).regex(OBJECT, 'the name of a Kubernetes object');

export const quantity = z
  .string()
  .max(32)
  .regex(/^[1-9][0-9]*(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/, 'a Kubernetes quantity such as 10Gi');

export const duration = z.string().regex(/^[1-9][0-9]{0,4}(s|m|h)$/, 'a duration such as 90s, 10m or 1h');

export const version = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'an image tag, such as "1.10"');

export const image = z
  .string()
  .max(255)
  .regex(
    /^([a-z0-9]+([.-]+[a-z0-9]+)*(:[0-9]{1,5})?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
    'an image name without tag or digest: the tag is the version of blue and green',
  );

export const port = z.int().min(1).max(65535);

export const httpPath = z
  .string()
  .max(1024)
  .regex(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, 'a path that starts with "/"');

/** The operator's own minimum (PostgresCluster `schedules`); rules/schedules.ts reads the fields. */
export const cron = z.string().min(6).max(128);

export const bucketName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/,
    'a bucket name of 3 to 63 lower-case letters, digits, ".", "_" and "-"',
  );

/** A host, with a port if need be; no scheme, because pgBackRest takes none. */
export const endpoint = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/, 'a host name without https:// and path');

/** No name that pgBackRest reads as configuration (`*.conf`), or that the operator has beside it. */
export const certificateKey = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.(crt|pem)$/, 'a key that ends with .crt or .pem');

export const region = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a region');

export const repositoryPath = z
  .string()
  .max(255)
  .regex(/^(\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/, 'an absolute path without "." and ".."');

export const repositoryName = z.enum(['repo1', 'repo2', 'repo3', 'repo4']);
export const backupType = z.enum(['full', 'differential', 'incremental']);

export const envName = z
  .string()
  .max(253)
  .regex(/^[-._A-Za-z][-._A-Za-z0-9]*$/, 'the name of an environment variable');

export const parameterName = z
  .string()
  .max(63)
  .regex(/^[a-z_][a-z0-9_.]*$/, 'the name of a PostgreSQL parameter, in lower case');

/** Keys and values of labels, as Kubernetes checks them. */
export const metadataKey = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/, 'a label key');
export const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, 'a label value: letters, digits, "-", "_" and "."');

/** `pgbackrest info` writes backup labels like this. */
export const backupLabel = z
  .string()
  .regex(/^[0-9]{8}-[0-9]{6}F(_[0-9]{8}-[0-9]{6}[DI])?$/, 'a backup label such as 20261122-010000F');

/** JSON Merge Patch (RFC 7386); rules/owned-fields.ts says what it may not touch. */
export const mergePatch = z.record(z.string(), z.unknown());
