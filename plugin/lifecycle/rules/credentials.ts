import { isRecord } from '../draft.ts';
import { quoteKey, type Finding, type Path } from '../finding.ts';
import { envEntries } from './environment.ts';
import { podTemplates } from './pod-templates.ts';
import type { Rule } from './rule.ts';

/** Names whose value is a credential, wherever they stand: in an environment, a field, a pgBackRest option. */
const WORDS =
  'passw(?:or)?d|passphrase|passwd|pwd|secret|token|credentials?|api[-_]?key|access[-_]?key|private[-_]?key';
const NAME = new RegExp(`(?:^|[-_.]|[a-z](?=[A-Z]))(?:${WORDS})$`, 'i');
/** pgBackRest's own (its configuration reference marks them as secure). */
const PGBACKREST = /^repo\d+-(?:cipher-pass|s3-key|s3-key-secret|s3-token|azure-key|sftp-private-key-passphrase)$/;
/** Fields that hold the name of a Secret, or a number or switch, under a name that sounds like one. */
const REFERENCE = /^(?:secret|secretName|existingSecret|serviceAccountToken|automountServiceAccountToken)$/;
/** `--password=…` on a command line. */
const OPTION = new RegExp(`^--?[a-z0-9-]*(?:${WORDS})=(?!\\$\\()(.+)$`, 'i');
/** A value that Kubernetes fills in from another variable, which may come from a Secret. */
const VARIABLE = /\$\([A-Za-z_][A-Za-z0-9_.-]*\)/;

function isPlain(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !VARIABLE.test(value);
}

const finding = (path: Path, name: string): Finding => ({
  code: 'secret-in-file',
  path,
  detail: `${quoteKey(name)} has its value in the file`,
});

/** Variables that are named like a credential and have a plain value instead of `valueFrom`. */
export const environmentSecrets: Rule = (draft) =>
  envEntries(draft)
    .filter(({ name, value }) => NAME.test(name) && isPlain(value))
    .map(({ name, path }) => finding([...path, 'value'], name));

/** Fields of a merge patch, and PostgreSQL parameters, that are named like a credential. */
export const patchSecrets: Rule = (draft) => [
  ...podTemplates(draft).flatMap(({ patch, path }) => inPatch(patch, path)),
  ...inPatch(draft.spec?.database?.spec, ['spec', 'database', 'spec']),
  ...inPatch(draft.spec?.database?.parameters, ['spec', 'database', 'parameters']),
];

function inPatch(value: unknown, path: Path): readonly Finding[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => inPatch(item, [...path, index]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const secret = (NAME.test(key) && !REFERENCE.test(key)) || PGBACKREST.test(key);
    return secret && isPlain(inner) ? [finding([...path, key], key)] : inPatch(inner, [...path, key]);
  });
}

/** Options of the migration's command. */
export const commandSecrets: Rule = ({ spec }) =>
  (spec?.application?.migrations?.command ?? []).flatMap((argument, index): readonly Finding[] => {
    if (argument === undefined || !OPTION.test(argument)) return [];
    const path = ['spec', 'application', 'migrations', 'command', index];
    return [finding(path, argument.slice(0, argument.indexOf('=')))];
  });
