import type { FileErrorCode } from '../../errors/file-errors.ts';
import { EXAMPLE, bytes, example, exampleAtRest, type Replacement } from './example.ts';
import { MARK } from './marked.ts';

/** A file, with a mark (‸) at each place where the problem has to be reported. Nothing else may be reported. */
export type Case = string | Uint8Array;

const restore = (text: string): string => `${exampleAtRest()}  restore: ${text}\n`;
const pod = (text: string): string => example(['podTemplate: {}', `podTemplate: ${text}`]);
const migrationsPod = (text: string): string =>
  example(['[flask, db, upgrade] }', `[flask, db, upgrade], podTemplate: ${text} }`]);
const database = (text: string): string => example(['    spec: {}', `    spec: ${text}`]);
const parameter = (text: string): string => example(['parameters: {}', `parameters: { ${text} }`]);
const bestie = (...more: readonly Replacement[]): string =>
  example(['kind: Deployment', 'kind: Bestie'], ['service: bestie,', 'service: pets,'], ...more);

/** Two repositories in S3, with their CAs. */
const withSecondS3 = (first: string, second: string): string =>
  example(
    ['region: eu-west-1 }', `region: eu-west-1, ca: ${first} }`],
    [
      '    onDemand',
      `      - name: repo3
        s3: { bucket: others, endpoint: s3.example.com, region: eu, ca: ${second} }
        credentials: other
    onDemand`,
    ],
  );

/** A list of aliases, each of which stands for `width` of the one before. */
const bomb = (depth: number, width: number): string =>
  Array.from({ length: depth }, (_, level) => {
    const items = level === 0 ? 'x' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array<string>(width).fill(items).join(', ')}]\n`;
  }).join('');

export const CASES: Readonly<Record<FileErrorCode, Readonly<Record<string, Case>>>> = {
  'file-too-large': { 'one byte more than 1 MiB': `${MARK}${EXAMPLE}#${'x'.repeat(1024 * 1024 - EXAMPLE.length)}` },
  'not-utf8': {
    'Latin-1': Uint8Array.of(...bytes('a: 1\nb: é'), 0xe9),
    'half a character': Uint8Array.of(...bytes('a: 1\nb: é'), 0xc3),
    'a surrogate, encoded': Uint8Array.of(...bytes('a: 1\nb: é'), 0xed, 0xa0, 0x80),
  },
  'empty-file': {
    'no bytes': MARK,
    'a comment only': `${MARK}# nothing\n`,
    null: `${MARK}null\n`,
    'a document mark': `---${MARK}\n`,
  },
  'yaml-syntax': {
    'an open bracket': example(['{ command: [flask, db, upgrade] }', `{ command: [flask, db, upgrade ${MARK}}`]),
    'an unquoted star': example(['"0 1 * * 0"', `${MARK}*/5 1 * * 0`]),
    'a tab as indentation': example(['    replicas: 3', `${MARK}\treplicas: 3`]),
    'a NUL': example(['How bestie', `How ${MARK}\0bestie`]),
    'a carriage return inside a comment': example(['# serves now', `# serves now${MARK}\r  green: {}`]),
    'text that runs from right to left': example(['# serves now', `# ${MARK}\u202eserves now`]),
    'an anchor that is nowhere': example(['image: quay.io/opdev/bestie', `image: ${MARK}*image`]),
  },
  'yaml-too-deep': { 'sixty-four lists': database(`{ a: ${'['.repeat(60)}${MARK}[]${']'.repeat(60)} }`) },
  'yaml-feature': {
    'a tag': example(['"1.3"', `!!str ${MARK}1.3`]),
    'a tag of its own': example(['"1.3"', `!version ${MARK}1.3`]),
    'a merge key': pod(`{ a: &a {}, ${MARK}<<: *a }`),
    'a number as a key': pod(`{ ${MARK}1: a }`),
    'a list as a key': pod(`{ ? ${MARK}[a] : b }`),
    'an old version of YAML': `${MARK}%YAML 1.1\n---\n${EXAMPLE}`,
  },
  'several-documents': { 'two lifecycles': `${EXAMPLE}${MARK}---\n${EXAMPLE}` },
  'duplicate-key': {
    'in a block': example(['    storage: 10Gi', `    storage: 10Gi\n    ${MARK}storage: 20Gi`]),
    'in brackets': example(['name: bestie, version', `name: bestie, ${MARK}name: other, version`]),
    'written otherwise': example(['    storage: 10Gi', `    storage: 10Gi\n    ${MARK}"stor\\u0061ge": 20Gi`]),
  },
  'alias-limit': {
    'an alias inside its own value': pod(`&a { b: ${MARK}*a }`),
    'more aliases than anyone needs': pod(`{ a: &a 1, b: [${'*a, '.repeat(64)}${MARK}*a] }`),
    'few aliases for many values': bomb(5, 10).replace('*a2, '.repeat(7), `$&${MARK}`),
  },
  'wrong-api': {
    'another version': example(['lifecycle.bestie.com/v1alpha1', `${MARK}lifecycle.bestie.com/v2`]),
    'another kind': example(['kind: Lifecycle', `kind: ${MARK}Deployment`]),
    'no version': example(['# How bestie lives\napiVersion: lifecycle.bestie.com/v1alpha1\n', MARK]),
  },
  'unknown-field': {
    'in a block': example(['    storage: 10Gi', `    storage: 10Gi\n    ${MARK}colour: red`]),
    'in brackets': example(['service: bestie,', `service: bestie, ${MARK}colour: red,`]),
    'at the top': `${EXAMPLE}${MARK}colour: red\n`,
    'a prototype': pod(`{ ${MARK}__proto__: { a: b } }`),
    'a namespace': example(['  name: bestie\nspec', `  name: bestie\n  ${MARK}namespace: pets\nspec`]),
  },
  'missing-field': {
    'in a block': example(['    user: bestie\n', ''], ['postgresVersion: 15', `${MARK}postgresVersion: 15`]),
    'in brackets': example(['{ name: bestie, version: "1.3" }', `${MARK}{ name: bestie }`]),
    'a name for a restored clone': restore(
      `${MARK}{ id: a, mode: Clone, repository: repo1, target: { latest: true }, stage: Prepare }`,
    ),
  },
  'wrong-type': {
    'a version without quotes': example(['"1.3"', `${MARK}1.10`]),
    'nothing at all': example(['{ name: bestie, version: "1.3" } # serves now', ''], ['  blue:', `  ${MARK}blue:`]),
    'a list instead of a mapping': example(['{ service: bestie, port: 80 }', `${MARK}[bestie]`]),
    'a text instead of a number': example(['postgresVersion: 15', `postgresVersion: ${MARK}"15"`]),
    'half a pod': example(['replicas: 3', `replicas: ${MARK}1.5`]),
    'no number': pod(`{ a: ${MARK}.nan }`),
  },
  'wrong-value': {
    'too few': example(['replicas: 3', `replicas: ${MARK}0`]),
    'a PostgreSQL that is too old': example(['postgresVersion: 15', `postgresVersion: ${MARK}13`]),
    'a PostgreSQL that is too new': example(['postgresVersion: 15', `postgresVersion: ${MARK}19`]),
    'an unknown stage': example(['stage: Prepare', `stage: ${MARK}Prepared`]),
    'an image with a tag': example(['quay.io/opdev/bestie', `${MARK}quay.io/opdev/bestie:1.3`]),
    'a parameter in capitals': parameter(`${MARK}Work_Mem: 4MB`),
    'half a character': example(['[flask, db,', `[flask, ${MARK}"\\ud800",`]),
    'a number that JavaScript would round': parameter(`a.b: ${MARK}9007199254740993`),
    'a shell': example(['[flask, db, upgrade]', `[${MARK}/bin/bash, -c, flask db upgrade]`]),
    'a container that never ends': migrationsPod(`{ spec: { containers: [${MARK}{ name: proxy, image: proxy }] } }`),
    'a shell in a container of the migration': migrationsPod(
      `{ spec: { initContainers: [{ name: a, image: a, command: [${MARK}sh, -c, id] }] } }`,
    ),
    'a path that leaves the bucket': example([
      'credentials: bestie-s3',
      `credentials: bestie-s3\n        path: ${MARK}/a/../b`,
    ]),
    'a CA that pgBackRest would read as configuration': example([
      'region: eu-west-1',
      `region: eu-west-1, ca: { secret: a, key: ${MARK}ca.conf }`,
    ]),
    "an instance's path with a blank": example(['"1.3" }', `"1.3", repositoryPaths: { repo2: ${MARK}"/a b" } }`]),
  },
  'status-in-file': { 'a status': `${EXAMPLE}${MARK}status: { phase: AtRest }\n` },
  'secret-in-file': {
    'a variable of a container': pod(
      `{ spec: { containers: [{ name: application, env: [{ name: API_TOKEN, value: ${MARK}abc }] }] } }`,
    ),
    'a variable of the rehearsal': example(['{ env: [] }', `{ env: [{ name: SMTP_PASSWORD, value: ${MARK}abc }] }`]),
    'a variable of the migration': migrationsPod(
      `{ spec: { containers: [{ name: application, env: [{ name: API_TOKEN, value: ${MARK}abc }] }] } }`,
    ),
    'a URL with a password': example(['{ env: [] }', `{ env: [{ name: SMTP, value: "${MARK}smtp://me:pw@mail" }] }`]),
    'a private key in a comment': example(['# serves now', `# ${MARK}-----BEGIN RSA PRIVATE KEY-----`]),
    'an AWS key': example(['# serves now', `# ${MARK}AKIAIOSFODNN7EXAMPLE`]),
    'a field of a patch': database(`{ monitoring: { adminPassword: ${MARK}abc } }`),
    'an option of the migration': example(['upgrade]', `upgrade, ${MARK}--db-password=abc]`]),
  },
  'name-invalid': {
    capitals: example(['name: bestie2', `name: ${MARK}Bestie2`]),
    'the superuser': example(['user: bestie', `user: ${MARK}postgres`]),
    'a database of PostgreSQL': example(['user: bestie', `user: bestie\n    databases: [pets, ${MARK}template1]`]),
    "an id of the plan's": example(['before-audit', `${MARK}lifecycle-0123456789ab`]),
  },
  'name-too-long': {
    'a label': example(['service: bestie,', `service: ${MARK}${'s'.repeat(64)},`]),
    'a cluster with its set': exampleAtRest(
      ['{ name: bestie,', `{ name: ${MARK}${'b'.repeat(39)},`],
      ['        schedules: { full: "0 1 * * 0" }\n', ''],
    ),
    'a CronJob': exampleAtRest(['{ name: bestie,', `{ name: ${MARK}${'b'.repeat(38)},`]),
    "the rehearsal's cluster": example(['name: bestie2', `name: ${MARK}${'g'.repeat(28)}`]),
    'an adopted database': example(['"1.3" }', `"1.3", names: { database: ${MARK}${'d'.repeat(43)} } }`]),
    "a step's ServiceAccount": example(['  name: bestie\n', `  name: ${MARK}${'l'.repeat(50)}\n`]),
  },
  'names-collide': {
    'the traffic Service is the internal one': example(
      ['service: bestie,', 'service: bestie-service,'],
      ['{ name: bestie,', `{ name: ${MARK}bestie,`],
    ),
    'adopted under a name of the other': example(
      ['"1.3" }', '"1.3", names: { application: bestie2-app } }'],
      ['name: bestie2', `name: ${MARK}bestie2`],
    ),
    "a Service of the operator's": example(
      ['service: bestie,', 'service: bestie-pgo-primary,'],
      ['{ name: bestie,', `{ name: ${MARK}bestie,`],
    ),
    'the keeper': example(['"1.3" }', `"1.3", names: { application: ${MARK}bestie-keeper } }`]),
    'two databases': example(['user: bestie', `user: bestie\n    databases: [pets, ${MARK}pets]`]),
    "a container of the migration's": pod(`{ spec: { initContainers: [{ name: ${MARK}migrate, image: a }] } }`),
    "a volume of the migration's": pod(`{ spec: { volumes: [{ name: ${MARK}lifecycle-token, emptyDir: {} }] } }`),
    "the launcher's folder": pod(
      `{ spec: { containers: [{ name: application, volumeMounts: [{ name: a, mountPath: ${MARK}/lifecycle/b }] }] } }`,
    ),
    'two variables': example(['{ env: [] }', `{ env: [{ name: A, value: a }, { name: ${MARK}A, value: b }] }`]),
  },
  'names-fixed': { 'names of a Bestie': bestie(['"1.3" }', `"1.3", ${MARK}names: { database: pets } }`]) },
  'bad-cron': {
    'four fields': example(['"0 1 * * 0"', `${MARK}"0 1 * *"`]),
    'six fields': example(['"0 1 * * 0"', `${MARK}"0 0 1 * * 0"`]),
    'no such hour': example(['"0 1 * * 0"', `${MARK}"0 24 * * 0"`]),
    'Sunday as 7': example(['"0 1 * * 0"', `${MARK}"0 1 * * 1-7"`]),
    'the last day': example(['"0 1 * * 0"', `${MARK}"0 1 L * *"`]),
    'a day that never comes': example(['"0 1 * * 0"', `${MARK}"0 1 30 2 *"`]),
    'a short form': example(['"0 1 * * 0"', `${MARK}"@daily"`]),
    'too short': example(['"0 1 * * 0"', `${MARK}"0 1"`]),
    'no text': example(['"0 1 * * 0"', `${MARK}5`]),
  },
  'bad-retention': {
    none: example(['full: 2', `full: ${MARK}0`]),
    'more than pgBackRest counts': example(['differential: 6', `differential: ${MARK}10000000`]),
    'an unknown type': example(['fullType: count', `fullType: ${MARK}size`]),
  },
  'repository-without-backend': {
    'no backend': example(['        volume: { storage: 20Gi }\n', ''], ['- name: repo1', `- ${MARK}name: repo1`]),
  },
  'repository-with-two-backends': {
    'two backends': example(['        credentials', `        ${MARK}gcs: { bucket: backups }\n        credentials`]),
  },
  'duplicate-repository': { 'the same name': example(['name: repo2', `name: ${MARK}repo1`]) },
  'repositories-share-path': {
    'the default path': example([
      '    onDemand',
      `      - ${MARK}name: repo3
        s3: { bucket: backups, endpoint: "S3.eu-west-1.amazonaws.com:443", region: other }
        credentials: other
        path: /pgbackrest
    onDemand`,
    ]),
    'green at the path of blue': example(
      ['"1.3" }', '"1.3", repositoryPaths: { repo2: /pgbackrest/bestie2/2/repo2 } }'],
      ['name: bestie2', `name: ${MARK}bestie2\n    attempt: 2`],
    ),
    'a closed instance at the path of blue': `${EXAMPLE}  closed: [{ name: old, version: "1.2", repositoryPaths: { repo2: ${MARK}/pgbackrest/bestie/1/repo2 } }]\n`,
    "a second attempt at a closed one's": `${example(['version: "1.4"', `version: "1.4"\n    attempt: 3\n    repositoryPaths: { repo2: ${MARK}/a }`])}  closed: [{ name: old, version: "1.2", repositoryPaths: { repo2: /a-3 } }]\n`,
  },
  'volume-repository-path': {
    'written out for blue': example([
      '"1.3" }',
      `"1.3", repositoryPaths: { repo1: ${MARK}/pgbackrest/repo2, repo2: /pgbackrest/repo1 } }`,
    ]),
    'a path': example(['volume: { storage: 20Gi }', `volume: { storage: 20Gi }\n        ${MARK}path: /elsewhere`]),
  },
  'source-lost-volume': {
    'it was beside the database': restore(
      `{ id: a, mode: Clone, repository: ${MARK}repo1, target: { latest: true }, name: bestie3, stage: Switch, sourceLost: true }`,
    ),
  },
  'credentials-missing': {
    s3: example(['        credentials: bestie-s3\n', ''], ['- name: repo2', `- ${MARK}name: repo2`]),
  },
  'credentials-unused': {
    'a volume': example(['volume: { storage: 20Gi }', `volume: { storage: 20Gi }\n        ${MARK}credentials: unused`]),
  },
  'ca-source': {
    'neither a Secret nor a ConfigMap': example(['region: eu-west-1', `region: eu-west-1, ca: ${MARK}{ key: ca.pem }`]),
    both: example(['region: eu-west-1', `region: eu-west-1, ca: ${MARK}{ secret: a, configMap: a }`]),
  },
  'ca-files-collide': {
    'one key of two Secrets': withSecondS3('{ secret: one }', `${MARK}{ secret: two }`),
    'of a Secret and a ConfigMap': withSecondS3('{ secret: one, key: a.pem }', `{ configMap: one, key: ${MARK}a.pem }`),
  },
  'unknown-repository': {
    'of a path': example(['"1.3" }', `"1.3", repositoryPaths: { ${MARK}repo4: /a } }`]),
    'of a backup': example(['repository: repo1', `repository: ${MARK}repo4`]),
    'of a restore': restore(`{ id: a, mode: InPlace, repository: ${MARK}repo4, target: { latest: true } }`),
  },
  'replicas-exceed-max': { 'more than the most': example(['maxReplicas: 10', `maxReplicas: ${MARK}2`]) },
  'owned-field': {
    "the pods' labels": pod(`{ metadata: { ${MARK}labels: { a: b } } }`),
    'the whole pod': pod(`{ ${MARK}spec: null }`),
    'the service account': pod(`{ spec: { ${MARK}serviceAccountName: admin } }`),
    "the migration's service account": migrationsPod(`{ spec: { ${MARK}serviceAccountName: admin } }`),
    "the migration's command": migrationsPod(`{ spec: { containers: [{ name: application, ${MARK}args: [a] }] } }`),
    "the migration's database": migrationsPod(
      `{ spec: { containers: [{ name: application, env: [{ name: ${MARK}DB_ADDR, value: elsewhere }] }] } }`,
    ),
    "the token of the plan's ServiceAccount": pod(
      `{ spec: { volumes: [{ name: a, projected: { sources: [{ ${MARK}serviceAccountToken: { path: a } }] } }] } }`,
    ),
    'the image': pod(`{ spec: { containers: [{ name: application, ${MARK}image: other }] } }`),
    'all containers': pod(`{ spec: { ${MARK}containers: [{ image: other }] } }`),
    'all variables': pod(`{ spec: { containers: [{ name: application, ${MARK}env: [] }] } }`),
    'the way to the database': pod(
      `{ spec: { containers: [{ name: application, env: [{ name: ${MARK}DB_ADDR, value: elsewhere }] }] } }`,
    ),
    "libpq's options": example(['{ env: [] }', `{ env: [{ name: ${MARK}PGOPTIONS, value: -cx=y }] }`]),
    'the source of a clone': database(`{ ${MARK}dataSource: {} }`),
    'the repositories': database(`{ backups: { pgbackrest: { ${MARK}repos: [] } } }`),
    'every backup': database(`{ ${MARK}backups: null }`),
    'the users': database(`{ ${MARK}users: [{ name: bestie }] }`),
    'the parameters, past their rule': database(
      `{ patroni: { dynamicConfiguration: { postgresql: { ${MARK}parameters: { fsync: off } } } } }`,
    ),
    "an instance set's replicas": database(`{ instances: [{ name: set1, ${MARK}replicas: 0 }] }`),
    "an instance set's size": database(`{ instances: [{ name: set1, ${MARK}dataVolumeClaimSpec: null }] }`),
    'another instance set': database(`{ instances: [{ name: ${MARK}set2 }] }`),
    'all instance sets': database(`{ ${MARK}instances: [] }`),
    'labels that the traffic Service selects': database(
      `{ metadata: { labels: { ${MARK}lifecycle.bestie.com/instance: bestie } } }`,
    ),
    'a wave of its own': example([
      '  name: bestie\n',
      `  name: bestie\n  annotations: { ${MARK}argocd.argoproj.io/sync-wave: "7" }\n`,
    ]),
    'the way past the policies': example([
      '  name: bestie\n',
      `  name: bestie\n  annotations: { ${MARK}lifecycle.bestie.com/break-glass: "yes" }\n`,
    ]),
  },
  'owned-parameter': {
    'the archive': parameter(`${MARK}archive_mode: off`),
    'too little in the WAL': parameter(`${MARK}wal_level: minimal`),
    "the fence's own": parameter(`${MARK}default_transaction_read_only: on`),
    'crash safety': parameter(`${MARK}fsync: off`),
    'prepared transactions': parameter(`${MARK}max_prepared_transactions: 10`),
  },
  'forbidden-option': {
    'of a repository': database(`{ sidecar: { options: [${MARK}--repo=1] } }`),
    'after the restore': database(`{ sidecar: { options: [--delta, ${MARK}--target-action=promote] } }`),
  },
  'green-is-blue': {
    'the same name': example(['name: bestie2', `name: ${MARK}bestie`]),
    'the same database': example(['version: "1.4"', `version: "1.4"\n    names: { database: ${MARK}bestie-pgo }`]),
    'a restore into blue': restore(
      `{ id: a, mode: Clone, repository: repo1, target: { latest: true }, name: ${MARK}bestie, stage: Prepare }`,
    ),
  },
  'instance-closed': {
    'green comes back too early': `${example(['name: bestie2', `name: ${MARK}bestie0`])}  closed: [{ name: bestie0, version: "1.2" }]\n`,
    'its database': `${example(['version: "1.4"', `version: "1.4"\n    names: { database: ${MARK}pets }`])}  closed: [{ name: bestie0, version: "1.2", names: { database: pets } }]\n`,
    'blue, by hand': `${EXAMPLE}  closed: [{ name: bestie, version: "1.2" }]\n`.replace(
      '{ name: bestie,',
      `{ name: ${MARK}bestie,`,
    ),
    'listed twice': `${EXAMPLE}  closed: [{ name: old, version: "1.1" }, { name: ${MARK}old, version: "1.2" }]\n`,
  },
  'green-with-restore': {
    both: `${EXAMPLE}  ${MARK}restore: { id: a, mode: InPlace, repository: repo1, target: { latest: true } }\n`,
  },
  'restore-target': {
    none: restore(`{ id: a, mode: InPlace, repository: repo1, target: ${MARK}{} }`),
    two: restore(
      `{ id: a, mode: InPlace, repository: repo1, target: ${MARK}{ latest: true, time: "2026-11-22T10:00:00Z" } }`,
    ),
    'an undo of itself': restore(`{ id: a, mode: InPlace, repository: repo1, target: { undo: ${MARK}a } }`),
  },
  'field-not-for-mode': {
    'an undo beside': restore(
      `{ id: a, mode: Clone, repository: repo1, target: { ${MARK}undo: b }, name: bestie3, stage: Switch }`,
    ),
    'a name in place': restore(
      `{ id: a, mode: InPlace, repository: repo1, target: { latest: true }, ${MARK}name: bestie3 }`,
    ),
    'a lost source in place': restore(
      `{ id: a, mode: InPlace, repository: repo2, target: { latest: true }, ${MARK}sourceLost: true }`,
    ),
    'a lost source, to look at': restore(
      `{ id: a, mode: Clone, repository: repo2, target: { latest: true }, name: bestie3, stage: Prepare, ${MARK}sourceLost: true }`,
    ),
    'loss without a way back': `${EXAMPLE}    ${MARK}acceptDataLoss: true\n`,
  },
  'not-supported-yet': {
    Retire: example(['stage: Prepare', `stage: ${MARK}Retire`]),
    Rollback: example(['stage: Prepare', `acceptDataLoss: true\n    stage: ${MARK}Rollback`]),
    'Replicate, once': example(['stage: Prepare', `strategy: ${MARK}Replicate\n    stage: Retire`]),
  },
};
