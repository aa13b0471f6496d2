import { z } from 'zod';
import { PlacedError } from './failure.ts';
import type { Io } from './io.ts';
import { STEP_IMAGE } from './version.ts';
import { REQUESTS, type Request } from '../plan/approved.ts';
import type { RenderParameters } from '../render/part.ts';

/** source.plugin.parameters as Argo CD hands them over: none is known, so that any is a mistake that must not pass. */
const announced = z.array(z.object({ name: z.string() }));

export interface GenerateOptions {
  readonly stepImage?: string;
  readonly unapproved?: string;
}

const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/;

export interface Parameters extends RenderParameters {
  /** What needs no approval, because whoever runs the plugin says so. */
  readonly unapproved: readonly Request[];
}

/**
 * What `generate` takes besides the tree (I1): the sidecar's LIFECYCLE_STEP_IMAGE and LIFECYCLE_UNAPPROVED, and Argo CD's
 * KUBE_API_VERSIONS. The PARAM_* variables are not read: their names can collide.
 */
export function parametersOf({ env }: Pick<Io, 'env'>, options: GenerateOptions = {}): Parameters {
  refuseParameters(env['ARGOCD_APP_PARAMETERS']);
  const image = options.stepImage ?? env['LIFECYCLE_STEP_IMAGE'] ?? STEP_IMAGE;
  if (!IMAGE.test(image))
    throw new PlacedError('LIFECYCLE_STEP_IMAGE', 'parameter-invalid', 'this is no image reference');
  const apiVersions = (env['KUBE_API_VERSIONS'] ?? '').split(',').filter((each) => each !== '');
  return {
    stepImage: image,
    apiVersions,
    unapproved: requests(options.unapproved ?? env['LIFECYCLE_UNAPPROVED'] ?? ''),
  };
}

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

function refuseParameters(json: string | undefined): void {
  if (json === undefined || json === '' || json === 'null') return;
  const place = 'ARGOCD_APP_PARAMETERS';
  let parameters: z.output<typeof announced>;
  try {
    parameters = announced.parse(JSON.parse(json));
  } catch {
    throw new PlacedError(place, 'parameter-invalid', 'it is not the JSON list that Argo CD hands over');
  }
  const names = parameters.map(({ name }) => JSON.stringify(name));
  if (names.length > 0)
    throw new PlacedError(place, 'parameter-invalid', `unknown: ${names.join(', ')}; there are no parameters`);
}
