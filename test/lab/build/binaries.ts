import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cached, keyOf } from './cache.ts';

interface GoSet {
  readonly packages: readonly string[];
  readonly ldflags: string;
  /** Build tags; a set that has some is built with a C compiler. */
  readonly tags?: string;
}

/** One Go module a set: the sets' requirements conflict when shared. Packages are pinned by each module's go.mod. */
const KUBERNETES = 'v1.36.1';
const SETS = {
  kubernetes: {
    packages: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'].map(
      (name) => `k8s.io/kubernetes/cmd/${name}`,
    ),
    // Without its version kubectl cannot parse its own.
    ldflags: `-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES} -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36`,
  },
  etcd: { packages: ['go.etcd.io/etcd/server/v3'], ldflags: '-s -w' },
  argocd: { packages: ['github.com/argoproj/argo-cd/v3/cmd'], ldflags: '-s -w' },
  s3: { packages: ['github.com/versity/versitygw/cmd/versitygw'], ldflags: '-s -w' },
  extras: { packages: ['./coredns', './provisioner'], ldflags: '-s -w' },
} as const satisfies Readonly<Record<string, GoSet>>;

type SetName = keyof typeof SETS;

/** Apart from the others: the tests of approvals need it without a lab, and the lab's tests without it. */
const GITEA: GoSet = {
  packages: ['code.gitea.io/gitea'],
  ldflags: '-s -w',
  tags: 'sqlite sqlite_unlock_notify',
};

/** The name that `go build` gives a package's binary is not always a good one. */
const OUTPUT: Readonly<Record<string, string>> = {
  'go.etcd.io/etcd/server/v3': 'etcd',
  'github.com/argoproj/argo-cd/v3/cmd': 'argocd',
};

export interface Binaries {
  /** Path of a binary by its name: kube-apiserver, kubectl, etcd, argocd, coredns … */
  readonly path: (name: string) => string;
  /** Argo CD's own manifests, copied from its module: `manifests/`. */
  readonly argocdModule: string;
}

const FOLDERS: Readonly<Record<string, SetName>> = {
  etcd: 'etcd',
  argocd: 'argocd',
  coredns: 'extras',
  provisioner: 'extras',
  versitygw: 's3',
};

/** Builds (once a machine) or finds every binary of the lab. Needs Go and its module proxy only when it builds. */
export async function binaries(): Promise<Binaries> {
  const folders = {} as Record<SetName, string>;
  for (const set of Object.keys(SETS) as SetName[]) {
    folders[set] = await built(set, SETS[set], set === 'argocd' ? copyArgoFiles : undefined);
  }
  return {
    path: (name) => join(folders[FOLDERS[name] ?? 'kubernetes'], name),
    argocdModule: folders.argocd,
  };
}

/** @returns the folder of the pull-request server: its program, and the files that it reads (`STATIC_ROOT_PATH`). */
export const giteaFolder = (): Promise<string> => built('gitea', GITEA, copyGiteaFiles);

type CopyFiles = (module: string, folder: string) => Promise<void>;

/** @returns the folder with the programs of a set, built once a machine. */
function built(set: string, { packages, ldflags, tags }: GoSet, copy?: CopyFiles): Promise<string> {
  const module = join(import.meta.dirname, '../go', set);
  const key = keyOf([module], [...packages, ldflags, ...(tags === undefined ? [] : [tags])]);
  return cached(`bin-${set}`, key, async (folder) => {
    for (const each of packages) {
      const output = join(folder, OUTPUT[each] ?? each.slice(each.lastIndexOf('/') + 1));
      const tagged = tags === undefined ? [] : ['-tags', tags];
      await execa('go', ['build', '-trimpath', ...tagged, '-ldflags', ldflags, '-o', output, each], {
        cwd: module,
        env: { CGO_ENABLED: tags === undefined ? '0' : '1', GOFLAGS: '-mod=readonly' },
      });
    }
    await copy?.(module, folder);
  });
}

const folderOfModule = async (module: string, name: string): Promise<string> =>
  (await execa('go', ['list', '-m', '-f', '{{.Dir}}', name], { cwd: module })).stdout;

/** What it would have embedded with files that its own build generates. Of its pages only texts and templates are there. */
async function copyGiteaFiles(module: string, folder: string): Promise<void> {
  const from = await folderOfModule(module, 'code.gitea.io/gitea');
  for (const each of ['templates', 'options', 'public'])
    await execa('cp', ['-r', '--no-preserve=mode', join(from, each), join(folder, each)]);
}

/** The repo-server calls two scripts of Argo CD's module by name; stored in it without their run bit. */
async function copyArgoFiles(module: string, folder: string): Promise<void> {
  const from = await folderOfModule(module, 'github.com/argoproj/argo-cd/v3');
  for (const script of ['git-verify-wrapper.sh', 'gpg-wrapper.sh']) {
    copyFileSync(join(from, 'hack', script), join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
  await execa('cp', ['-r', '--no-preserve=mode', join(from, 'manifests'), join(folder, 'manifests')]);
}
