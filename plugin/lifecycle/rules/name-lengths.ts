import type { Draft } from '../draft.ts';
import { formatPath, type Finding, type Path } from '../finding.ts';
import { instancesOf, type InstanceNames } from './instances.ts';
import type { Rule } from './rule.ts';

/** An object name that follows from a field of the file, and the most characters that it may have. */
interface Derived {
  readonly path: Path;
  readonly name: string;
  readonly limit: number;
  readonly what: string;
}

/** Services, and the labels that Jobs and Deployments put on their pods: RFC 1123 labels. */
const LABEL = 63;
/** A CronJob adds 11 characters to the name of its Jobs. */
const CRON_JOB = 52;
/** The StatefulSet of an instance set is named `<cluster>-<set>-<4 characters>` and may have 52. */
const CLUSTER_AND_SET = 46;
const SET = 'set1';
const DIGEST = '0'.repeat(8);
/** A restore point may have 63 characters, too. */
const MOMENT = '20261122T100000.123456Z';

/** Names that the file does not show but that follow from it: too long a one would fail in the middle of a plan. */
export const nameLengths: Rule = (draft) => {
  const worst = new Map<string, Derived>();
  for (const each of derivedNames(draft)) {
    const field = formatPath(each.path);
    if (excess(each) > Math.max(0, excess(worst.get(field)))) worst.set(field, each);
  }
  return [...worst.values()].map((each): Finding => {
    const detail = `${each.what} has at most ${each.limit} characters; this name is ${excess(each)} too long for it`;
    return { code: 'name-too-long', path: each.path, detail };
  });
};

const excess = (derived: Derived | undefined): number => (derived ? derived.name.length - derived.limit : 0);

function derivedNames(draft: Draft): readonly Derived[] {
  const { metadata, spec } = draft;
  const scheduled = (spec?.backup?.repositories ?? []).some((repository) => repository?.schedules !== undefined);
  return [
    ...(metadata?.name === undefined
      ? []
      : [label(['metadata', 'name'], `${metadata.name}-restore-point`, "a step's ServiceAccount")]),
    ...(spec?.restore?.id === undefined
      ? []
      : [label(['spec', 'restore', 'id'], `before-${spec.restore.id}-${MOMENT}`, 'the restore point before it')]),
    ...instancesOf(draft).flatMap((instance) => instanceNames(instance, scheduled)),
  ];
}

function instanceNames({ role, name, path, objects }: InstanceNames, scheduled: boolean): readonly Derived[] {
  return [
    label(path, `${name}-restore-point-${DIGEST}`, "a step's Job"),
    ...objects.flatMap((object) =>
      object.kind === 'database'
        ? cluster(object.path, object.name, scheduled)
        : [label(object.path, object.name, `the name of the ${object.kind}`)],
    ),
    ...(role === 'blue' ? [] : rehearsal(path, `${name}-r${DIGEST}`, scheduled)),
  ];
}

/** The rehearsal has names of its own, which hold the plan's digest (plan/names.ts). */
function rehearsal(path: Path, name: string, scheduled: boolean): readonly Derived[] {
  return [
    ...cluster(path, `${name}-pgo`, scheduled),
    label(path, `${name}-blue-app`, "the rehearsal's Deployment"),
    label(path, `${name}-service`, "the rehearsal's Service"),
    label(path, `${name}-job-${DIGEST}`, "the rehearsal's migration Job"),
  ];
}

function cluster(path: Path, name: string, scheduled: boolean): readonly Derived[] {
  return [
    { path, name: name + SET, limit: CLUSTER_AND_SET, what: `cluster name (${name}) with set name (${SET})` },
    ...(scheduled ? [{ path, name: `${name}-repo1-full`, limit: CRON_JOB, what: 'a CronJob for backups' }] : []),
  ];
}

const label = (path: Path, name: string, what: string): Derived => ({ path, name, limit: LABEL, what });
