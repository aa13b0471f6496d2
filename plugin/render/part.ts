import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import type { TemplateData, TemplateName } from './templates.ts';

/** What an instance is to its plan. */
export type Role = 'blue' | 'green' | 'rehearsal' | 'restored';

/** A merge patch, and the field that it goes to. */
export interface Patch {
  readonly at: readonly string[];
  readonly with: unknown;
}

/** One object to be rendered: which template with which data, where in the plan. */
export interface Part {
  readonly template: TemplateName;
  readonly step: Step;
  readonly data: TemplateData;
  /** Applied in this order after the template. */
  readonly patches?: readonly Patch[];
  readonly labels?: Readonly<Record<string, string>>;
  /** A migration: the application whose pod its Job's pod is, with another command (./migration-pod.ts). */
  readonly application?: Part;
  /** What its step makes: that step's pod gets the object as text. */
  readonly creates?: Part;
  /** The name ends with a hash of the object's own spec. */
  readonly hashedName?: boolean;
  /** A Job under a fixed name: its template is immutable, so that Argo CD has to replace it. */
  readonly replaced?: boolean;
  /** Outlives its plan: Argo CD neither prunes nor deletes it. */
  readonly kept?: boolean;
}

/** Declared parameters that the renderer needs besides the file. */
export interface RenderParameters {
  /** Image of the steps: the plugin's own. */
  readonly stepImage: string;
  /** What the cluster serves, as Argo CD tells it: `monitoring.coreos.com/v1`, `apps/v1/Deployment` … */
  readonly apiVersions: readonly string[];
}

export type Builder = (plan: Plan, step: Step, parameters: RenderParameters) => readonly Part[];

/** What is wrong with a rendered object, or undefined. */
export type Check = (object: KubernetesObject, part: Part) => string | undefined;
