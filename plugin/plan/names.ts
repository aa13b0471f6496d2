import type { Blue } from '../lifecycle/model.ts';
import type { StepInstance } from './step-request.ts';

/** Names of an instance's objects; a `names` section adopts objects that exist under others (design §2). */
export function instanceObjects({ name, version, names }: Blue): StepInstance {
  return {
    name,
    version,
    cluster: names?.database ?? `${name}-pgo`,
    application: names?.application ?? `${name}-app`,
    service: names?.service ?? `${name}-service`,
  };
}

/** The rehearsal's own instance: its name holds the digest, because a cluster made again under a name adopts old volumes. */
export function rehearsalName(green: string, digest: string): string {
  return `${green}-r${digest.slice(0, 8)}`;
}

/** With what a rehearsal runs blue's version on the clone, before its migration: a Deployment, its pods' instance label. */
export const rehearsedBlue = (rehearsal: string): { readonly instance: string; readonly application: string } => ({
  instance: `${rehearsal}-blue`,
  application: `${rehearsal}-blue-app`,
});

/** Secrets of the operator for a PostgresCluster (seen with PGO v6.0.3). */
export const userSecret = (cluster: string, user: string): string => `${cluster}-pguser-${user}`;
export const certificateSecret = (cluster: string): string => `${cluster}-cluster-cert`;

/** An instance's autoscaler; the Bestie operator looks for exactly this name. */
export const autoscalerName = (instance: string): string => `${instance}-hpa`;

/** Further names under which the Bestie operator looks for the operands of a Bestie. */
export const bestieOperands = (bestie: string): Readonly<Record<'job' | 'serviceMonitor' | 'ingress', string>> => ({
  job: `${bestie}-job`,
  serviceMonitor: `${bestie}-servicemonitor`,
  ingress: `${bestie}-ingress`,
});
