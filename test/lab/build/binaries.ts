import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cached, keyOf } from './cache.ts';

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
} as const;

type SetName = keyof typeof SETS;

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
    const module = join(import.meta.dirname, '../go', set);
    const { packages, ldflags } = SETS[set];
    folders[set] = await cached(`bin-${set}`, keyOf([module], [...packages, ldflags]), async (folder) => {
      for (const each of packages) {
        const output = join(folder, OUTPUT[each] ?? each.slice(each.lastIndexOf('/') + 1));
        await execa('go', ['build', '-trimpath', '-ldflags', ldflags, '-o', output, each], {
          cwd: module,
          env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
        });
      }
      if (set === 'argocd') await copyArgoFiles(module, folder);
    });
  }
  return {
    path: (name) => join(folders[FOLDERS[name] ?? 'kubernetes'], name),
    argocdModule: folders.argocd,
  };
}

/** The repo-server calls two scripts of Argo CD's module by name; stored in it without their run bit. */
async function copyArgoFiles(module: string, folder: string): Promise<void> {
  const { stdout } = await execa('go', ['list', '-m', '-f', '{{.Dir}}', 'github.com/argoproj/argo-cd/v3'], {
    cwd: module,
  });
  for (const script of ['git-verify-wrapper.sh', 'gpg-wrapper.sh']) {
    copyFileSync(join(stdout, 'hack', script), join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
  await execa('cp', ['-r', '--no-preserve=mode', join(stdout, 'manifests'), join(folder, 'manifests')]);
}
