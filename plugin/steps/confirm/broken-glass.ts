import { textOf } from '../../errors/text-of.ts';
import type { Status } from '../../lifecycle/status.ts';
import { ANNOTATION, OPERATOR_LABEL } from '../../plan/labels.ts';
import type { Guarded, Listed } from '../ports/ports.ts';
import type { StepContext } from '../ports/step.ts';

type Broken = NonNullable<Status['brokenGlass']>[number];

/**
 * I12: a policy knows no clock, so a step looks which objects of the lifecycle carry the annotation that lets every change
 * pass: it takes it off where its time is over, and says of the others, as Event and in the status, that they are open. What
 * the API server refuses of that is told in the log and fails no confirm: who may break the glass has his hand in there. Volumes and
 * endpoints are only told of: to change any of them is a right that no step has.
 */
export async function lookAtGlass(context: StepContext): Promise<void> {
  await look(context).catch((error: unknown) => {
    context.progress.report(`looking for broken glass: ${textOf(error)}`);
  });
}

async function look({ cluster, clock, ledger, request }: StepContext): Promise<void> {
  const open: Broken[] = [];
  const mended: string[] = [];
  for (const object of guarded(request)) {
    const value = await cluster.annotation(object, ANNOTATION.breakGlass);
    if (value === undefined) continue;
    const broken = parse(object, value);
    if (Date.parse(broken.until) > clock.now().getTime()) {
      open.push(broken);
    } else {
      await cluster.removeAnnotation(object, ANNOTATION.breakGlass, value);
      mended.push(`${broken.object} is guarded again: ${ANNOTATION.breakGlass} was until ${value}`);
    }
  }
  for (const [kind, labels] of besides(request)) {
    const found = await cluster.annotated(kind, labels, ANNOTATION.breakGlass);
    open.push(...found.map(({ name, value }) => parse({ kind, name }, value)));
  }
  let opened: readonly string[] = [];
  const { view } = await ledger.update(({ status: { brokenGlass = [], ...status } }) => {
    const known = brokenGlass.map(warning);
    opened = open.map(warning).filter((each) => !known.includes(each));
    if (brokenGlass.length + open.length === 0) return undefined;
    return open.length === 0 ? status : { ...status, brokenGlass: open };
  });
  for (const message of [...mended, ...opened]) {
    await cluster.announce(
      { name: request.lifecycle, uid: view.uid },
      { type: 'Warning', reason: 'BrokenGlass', message },
    );
  }
}

const guarded = ({ blue, green, lifecycle, traffic }: StepContext['request']): readonly Guarded[] => [
  { kind: 'Lifecycle', name: lifecycle },
  { kind: 'Service', name: traffic.service },
  { kind: 'PostgresCluster', name: blue.cluster },
  ...(green ? [{ kind: 'PostgresCluster' as const, name: green.cluster }] : []),
];

const besides = ({
  blue,
  green,
  traffic,
}: StepContext['request']): readonly (readonly [Listed, Record<string, string>])[] => [
  ...[blue, green].flatMap((each) =>
    each ? [['PersistentVolumeClaim', { [OPERATOR_LABEL.cluster]: each.cluster }] as const] : [],
  ),
  ['EndpointSlice', { 'kubernetes.io/service-name': traffic.service }],
];

/** `<until> <reason>`, which the policy asks for; anything else breaks no glass, and its time is over. */
function parse({ kind, name }: { readonly kind: string; readonly name: string }, value: string): Broken {
  const [until = '', ...reason] = value.split(' ');
  const time = Number.isNaN(Date.parse(until)) ? new Date(0).toISOString() : until;
  return { object: `${kind}/${name}`, until: time, reason: reason.join(' ') };
}

const warning = ({ object, until, reason }: Broken): string =>
  `${object} is not guarded until ${until}, whoever changes it: ${reason}`;
