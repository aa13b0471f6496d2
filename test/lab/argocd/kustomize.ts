import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments, parse as parseYaml, stringify } from 'yaml';
import { kubectl } from '../kubectl.ts';
import { PROJECT, STATE } from '../paths.ts';

const EXAMPLE = join(PROJECT, 'argocd/examples/overlay');

/** A Kubernetes object as kustomize prints it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const parse = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);

/** `kubectl kustomize` of a folder. */
export async function kustomize(folder: string): Promise<readonly Manifest[]> {
  return parse(await kubectl(['kustomize', folder]));
}

/** Who runs databases in the lab; the policies trust the real operator's ServiceAccount. */
const LAB_OPERATORS = "['lab:operator']";

interface PolicySpec {
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
}

/** argocd/base with the lab's operator in the place of the real one, as docs/how-to/install.md tells to patch it. */
export async function kustomizeBase(): Promise<readonly Manifest[]> {
  const objects = await kustomize(join(PROJECT, 'argocd/base'));
  return objects.map((object) => {
    if (object.metadata.name !== 'lifecycle-keep-volumes' || object.kind !== 'ValidatingAdmissionPolicy') return object;
    const spec = object['spec'] as PolicySpec;
    const [operators, ...rest] = spec.variables;
    if (operators?.name !== 'operators') throw new Error('the first variable of lifecycle-keep-volumes is another');
    return { ...object, spec: { ...spec, variables: [{ ...operators, expression: LAB_OPERATORS }, ...rest] } };
  });
}

interface Overlay {
  readonly images: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

/**
 * The overlay of argocd/examples over Argo CD's stock manifests in a folder, with the image that takes the plugin's place.
 * @param image NAME:TAG
 */
export async function kustomizeInstallation(stockManifests: string, image: string): Promise<readonly Manifest[]> {
  const example = parseYaml(readFileSync(join(EXAMPLE, 'kustomization.yaml'), 'utf8')) as Overlay;
  const folder = mkdtempSync(join(STATE, 'overlay-'));
  try {
    const from = (path: string): string => relative(folder, path);
    const colon = image.lastIndexOf(':');
    const overlay = {
      ...example,
      resources: [from(join(stockManifests, 'cluster-install')), from(join(PROJECT, 'argocd/base'))],
      components: [from(join(PROJECT, 'argocd/argo-cd'))],
      images: example.images.map(({ name }) => ({
        name,
        newName: image.slice(0, colon),
        newTag: image.slice(colon + 1),
      })),
    };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(overlay));
    return await kustomize(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
