import { resolve } from 'node:path';
import { z } from 'zod';
import { REQUESTS, type Request } from '../plan/approved.ts';
import type { RenderParameters } from '../render/part.ts';
import { PlacedError } from './failure.ts';
import type { Io } from './io.ts';
import { STEP_IMAGE } from './version.ts';

/** source.plugin.parameters as Argo CD hands them over. */
const announced = z.array(
  z.object({
    name: z.string(),
    string: z.string().optional(),
    array: z.unknown().optional(),
    map: z.unknown().optional(),
  }),
);

/** What an Application may set; anything else is a mistake that must not pass. */
export const PARAMETERS = ['approval', 'cluster'] as const;
type ParameterName = (typeof PARAMETERS)[number];

/** Of the command line; each goes before what the environment says. */
export interface GenerateOptions {
  readonly stepImage?: string;
  readonly unapproved?: string;
  readonly approval?: string;
  readonly approvalKeys?: string;
  readonly cluster?: string;
  readonly namespace?: string;
}

const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/;

/** What approvals are checked by. */
export interface ApprovalParameters {
  /** What needs no approval, because whoever runs the plugin says so. */
  readonly unapproved: readonly Request[];
  /** A signed token. */
  readonly approval: string | undefined;
  /** The file of the public keys that are trusted. */
  readonly keysFile: string | undefined;
  readonly cluster: string | undefined;
  /** Where Argo CD deploys to. */
  readonly namespace: string | undefined;
}

export interface Parameters extends RenderParameters, ApprovalParameters {}

/**
 * What `generate` takes besides the tree (I1): the sidecar's environment, Argo CD's KUBE_API_VERSIONS and ARGOCD_APP_NAMESPACE, and the
 * Application's parameters. The PARAM_* variables are not read: their names can collide.
 */
export function parametersOf({ env }: Pick<Io, 'env'>, options: GenerateOptions = {}): Parameters {
  const set = parametersOfApplication(env['ARGOCD_APP_PARAMETERS']);
  const image = options.stepImage ?? env['LIFECYCLE_STEP_IMAGE'] ?? STEP_IMAGE;
  if (!IMAGE.test(image))
    throw new PlacedError('LIFECYCLE_STEP_IMAGE', 'parameter-invalid', 'this is no image reference');
  const apiVersions = (env['KUBE_API_VERSIONS'] ?? '').split(',').filter((each) => each !== '');
  return {
    stepImage: image,
    apiVersions,
    unapproved: requests(options.unapproved ?? env['LIFECYCLE_UNAPPROVED'] ?? ''),
    approval: text(options.approval) ?? text(set.approval),
    keysFile: options.approvalKeys === undefined ? text(env['LIFECYCLE_APPROVAL_KEYS']) : resolve(options.approvalKeys),
    // What the sidecar says is not the repository's to change, which can bring parameters of its own (.argocd-source.yaml).
    cluster: text(options.cluster) ?? text(env['LIFECYCLE_CLUSTER']) ?? text(set.cluster),
    namespace: text(options.namespace) ?? text(env['ARGOCD_APP_NAMESPACE']),
  };
}

/** An empty text is none: a template of an ApplicationSet leaves one where there is no approval. */
const text = (value: string | undefined): string | undefined => (value?.trim() === '' ? undefined : value?.trim());

/** @param list separated by commas. */
function requests(list: string): readonly Request[] {
  return list
    .split(',')
    .filter((each) => each !== '')
    .map((each) => {
      const known = REQUESTS.find((request) => request === each);
      if (known) return known;
      throw new PlacedError('LIFECYCLE_UNAPPROVED', 'parameter-invalid', `known is: ${REQUESTS.join(', ')}`);
    });
}

function parametersOfApplication(json: string | undefined): Partial<Readonly<Record<ParameterName, string>>> {
  if (json === undefined || json === '' || json === 'null') return {};
  const place = 'ARGOCD_APP_PARAMETERS';
  const invalid = (detail: string): PlacedError => new PlacedError(place, 'parameter-invalid', detail);
  let parameters: z.output<typeof announced>;
  try {
    parameters = announced.parse(JSON.parse(json));
  } catch {
    throw invalid('it is not the JSON list that Argo CD hands over');
  }
  const isKnown = (name: string): name is ParameterName => (PARAMETERS as readonly string[]).includes(name);
  const unknown = parameters.filter(({ name }) => !isKnown(name)).map(({ name }) => JSON.stringify(name));
  if (unknown.length > 0) throw invalid(`unknown: ${unknown.join(', ')}; there are ${PARAMETERS.join(' and ')}`);
  const listed = parameters.find(({ array, map }) => array !== undefined || map !== undefined);
  if (listed) throw invalid(`${listed.name} is to be a string`);
  return Object.fromEntries(parameters.map(({ name, string = '' }) => [name, string]));
}
