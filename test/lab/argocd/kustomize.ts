import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { kubectl } from '../kubectl.ts';
import { PROJECT, STATE } from '../paths.ts';

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

/** Argo CD's stock installation with this project's base and component, as docs/how-to/install.md says. */
export async function kustomizeInstallation(stockManifests: string, image: string): Promise<readonly Manifest[]> {
  const folder = mkdtempSync(join(STATE, 'overlay-'));
  try {
    const from = (path: string): string => relative(folder, path);
    const overlay = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: 'argocd',
      resources: [from(join(stockManifests, 'cluster-install')), from(join(PROJECT, 'argocd/base'))],
      components: [from(join(PROJECT, 'argocd/argo-cd'))],
      images: [imageReplacement(image)],
      replacements: STEP_IMAGE,
    };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(overlay));
    return await kustomize(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function imageReplacement(image: string): { readonly name: string; readonly newName: string; readonly newTag: string } {
  const colon = image.lastIndexOf(':');
  return { name: 'argocd-lifecycle-plugin', newName: image.slice(0, colon), newTag: image.slice(colon + 1) };
}

/** The steps run the sidecar's own image. */
const STEP_IMAGE = [
  {
    source: {
      kind: 'Deployment',
      name: 'argocd-repo-server',
      fieldPath: 'spec.template.spec.containers.[name=lifecycle].image',
    },
    targets: [
      {
        select: { kind: 'Deployment', name: 'argocd-repo-server' },
        fieldPaths: ['spec.template.spec.containers.[name=lifecycle].env.[name=LIFECYCLE_STEP_IMAGE].value'],
      },
    ],
  },
];
