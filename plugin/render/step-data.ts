import { LABEL } from '../plan/labels.ts';
import { secretMounts } from '../plan/mounts.ts';
import { bestieOperands } from '../plan/names.ts';
import { stepRequest, type Plan } from '../plan/plan.ts';
import type { Step, StepCommand } from '../plan/steps.ts';
import { REQUEST_VARIABLE, type StepInstance, type StepRequest } from '../plan/step-request.ts';
import type { RenderParameters } from './part.ts';

const RESOURCES = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '512Mi' } };
const POD_SECURITY = { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } };
const CONTAINER_SECURITY = {
  runAsNonRoot: true,
  runAsUser: 999,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** The most a step may take, in seconds; what it waits for inside has tighter bounds. */
const DEADLINE: Readonly<Record<StepCommand, number>> = {
  // It may finish another plan's window before it asks its guards.
  preflight: 1800,
  backup: 6 * 3600,
  'restore-point': 600,
  keeper: 0,
  verify: 3600,
  migrate: 6 * 3600,
  migrated: 900,
  smoke: 900,
  commit: 900,
  // After the decision nothing that only takes long is a failure.
  confirm: 14 * 24 * 3600,
  abort: 900,
  pause: 3600,
  // Above what the step waits for inside: hours for a terabyte.
  restore: 26 * 3600,
  resume: 900,
  guard: 300,
  clone: 900,
  // Above what the step waits for inside: hours for a terabyte.
  cloned: 26 * 3600,
  'open-window': 1800,
  promote: 900,
};

/** Steps that the window waits for, or that end it. */
const WINDOW: readonly StepCommand[] = ['keeper', 'verify', 'smoke', 'commit', 'abort'];

/**
 * A lost node would keep its pods for the default 300 s of the window, besides the 40 to 50 s until Kubernetes calls it lost.
 * A keeper's successor starts as soon as the old pod is marked as deleted, also when its node never answers again.
 */
const LOST_NODE = ['not-ready', 'unreachable'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 10,
}));

/** Steps that let a restore, or the switch to one, begin. The others keep their Jobs when an approval is signed again. */
const APPROVED: readonly StepCommand[] = ['preflight', 'pause', 'restore', 'clone', 'open-window', 'promote'];

function requestFor(plan: Plan, command: StepCommand): StepRequest {
  const request = stepRequest(plan);
  return plan.approval && APPROVED.includes(command) ? { ...request, approval: plan.approval } : request;
}

function commandOf({ name, command }: Step): StepCommand {
  if (command === undefined) throw new Error(`step ${name} runs nothing`);
  return command;
}

interface PodOptions {
  readonly plan: Plan;
  readonly step: Step;
  readonly command: StepCommand;
  readonly parameters: RenderParameters;
}

interface PodData extends Record<string, unknown> {
  readonly volumeMounts: readonly { readonly name: string }[];
  readonly volumes: readonly { readonly name: string; readonly secret: Readonly<Record<string, unknown>> }[];
}

function podData({ plan, step, command, parameters: { stepImage } }: PodOptions): PodData {
  const mounts = secretMounts(plan, command);
  const account = `${plan.lifecycle.metadata.name}-${command}`;
  return {
    labels: { [LABEL.lifecycle]: plan.lifecycle.metadata.name, [LABEL.step]: step.name },
    serviceAccount: account,
    image: stepImage,
    command: ['lifecycle-step', command],
    env: [
      { name: REQUEST_VARIABLE, value: JSON.stringify(requestFor(plan, command)) },
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    resources: RESOURCES,
    podSecurity: POD_SECURITY,
    containerSecurity: CONTAINER_SECURITY,
    ...(WINDOW.includes(command) ? { tolerations: LOST_NODE } : {}),
    deadlineSeconds: DEADLINE[command],
    volumeMounts: mounts.map(({ path }, index) => ({ name: `secret-${index}`, mountPath: path, readOnly: true })),
    volumes: mounts.map(({ secret, keys, optional }, index) => ({
      name: `secret-${index}`,
      secret: {
        secretName: secret,
        defaultMode: 0o440,
        optional,
        ...(keys ? { items: keys.map((key) => ({ key, path: key })) } : {}),
      },
    })),
  };
}

const stepPod = (plan: Plan, step: Step, parameters: RenderParameters): PodData =>
  podData({ plan, step, command: commandOf(step), parameters });

/** The instance whose name a step's Job carries. */
const subject = (plan: Plan, step: Step): string =>
  (BLUES.includes(step.name) ? plan.blue : (plan.green ?? plan.blue)).name;
const BLUES: readonly Step['name'][] = ['guard', 'preflight', 'backup', 'restore-point', 'abort', 'open-window'];

export function jobData(plan: Plan, step: Step, parameters: RenderParameters): Record<string, unknown> {
  return { ...stepPod(plan, step, parameters), name: `${subject(plan, step)}-${step.name}` };
}

/** The Job that the Bestie operator waits for: it only asserts that the instance's migrations are recorded. */
export function migratedData(
  plan: Plan,
  step: Step,
  instance: StepInstance,
  parameters: RenderParameters,
): Record<string, unknown> {
  return {
    ...podData({ plan, step, command: 'migrated', parameters }),
    name: bestieOperands(instance.name).job,
    command: ['lifecycle-step', 'migrated', instance.name],
  };
}

export function keeperData(plan: Plan, step: Step, parameters: RenderParameters): Record<string, unknown> {
  const lifecycle = plan.lifecycle.metadata.name;
  const selector = { [LABEL.lifecycle]: lifecycle, [LABEL.step]: step.name };
  return { ...stepPod(plan, step, parameters), name: `${lifecycle}-keeper`, selector };
}

/** The token is mounted by hand, so that the application's image never sees it. */
const TOKEN_MOUNT = {
  name: 'lifecycle-token',
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  readOnly: true,
};

const LAUNCHER = '/lifecycle';

/** Volumes of ours are told from those of the application's pod by this. */
const OURS = 'lifecycle-';

export function migrateData(plan: Plan, step: Step, parameters: RenderParameters): Record<string, unknown> {
  const { application } = plan.lifecycle.spec;
  const instance = plan.green ?? plan.blue;
  const pod = stepPod(plan, step, parameters);
  const ours = <T extends { readonly name: string }>(each: T): T => ({ ...each, name: `${OURS}${each.name}` });
  const secrets = pod.volumeMounts.map(ours);
  return {
    ...pod,
    name: `${instance.name}-job`,
    // When the budget is over, so is the window, and green is thrown away.
    ...(plan.kind === 'Switch' ? { deadlineSeconds: stepRequest(plan).windowBudgetSeconds } : {}),
    // The guard puts launcher and, when the migration is recorded as done, marker there (ADR 4).
    migrateCommand: [`${LAUNCHER}/run-unless`, `${LAUNCHER}/done`, ...(application.migrations?.command ?? [])],
    guardMounts: [TOKEN_MOUNT, { name: `${OURS}launcher`, mountPath: LAUNCHER }, ...secrets],
    migrateMounts: [{ name: `${OURS}launcher`, mountPath: LAUNCHER, readOnly: true }],
    recordMounts: [TOKEN_MOUNT, ...secrets],
    // Readable without a group of ours: the pod has the application's, and one of ours would be given its volumes.
    volumes: pod.volumes.map((each) => ({ ...ours(each), secret: { ...each.secret, defaultMode: 0o444 } })),
  };
}
