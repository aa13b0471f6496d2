import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { say, withProgress } from './progress.ts';

/** What the lab needs of the machine: a file that a Debian package brings, by package. */
const PACKAGES: Readonly<Record<string, string>> = {
  // With Java and pgjdbc: a migration as the JVM's tools run it, as a script.
  bsh: '/usr/share/java/bsh.jar',
  buildah: '/usr/bin/buildah',
  conntrack: '/usr/sbin/conntrack',
  containerd: '/usr/bin/containerd',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  'default-jre-headless': '/usr/bin/java',
  gcc: '/usr/bin/gcc',
  git: '/usr/bin/git',
  iproute2: '/usr/bin/ip',
  iptables: '/usr/sbin/iptables',
  'libpostgresql-jdbc-java': '/usr/share/java/postgresql.jar',
  mmdebstrap: '/usr/bin/mmdebstrap',
  nftables: '/usr/sbin/nft',
  openssl: '/usr/bin/openssl',
  pgbackrest: '/usr/bin/pgbackrest',
  'postgresql-15': '/usr/lib/postgresql/15/bin/postgres',
  'python3-psycopg2': '/usr/lib/python3/dist-packages/psycopg2/__init__.py',
  'redis-server': '/usr/bin/redis-server',
  runc: '/usr/sbin/runc',
  'util-linux': '/usr/bin/nsenter',
};

const missingPackages = (): readonly string[] =>
  Object.entries(PACKAGES)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);

/** What cannot be installed from here, each with the reason, all at once. */
async function obstacles(): Promise<readonly string[]> {
  const found: string[] = [];
  if (process.getuid?.() !== 0) found.push('root: containerd, network namespaces and mounts need it');
  const go = await execa('go', ['version'], { reject: false });
  if (go.failed)
    found.push('Go 1.26 or newer on PATH: the Kubernetes and Argo CD binaries are built from the module proxy');
  if (missingPackages().length > 0 && !existsSync('/usr/bin/apt-get')) {
    found.push(`Debian's apt-get, or by another way: ${missingPackages().join(', ')}`);
  }
  return found;
}

/**
 * Installs what is missing of Debian's packages.
 * @throws Error that lists everything that this machine lacks and the lab cannot install.
 */
export async function installPackages(): Promise<void> {
  const lacking = await obstacles();
  if (lacking.length > 0) {
    throw new Error(`the lab cannot run here; missing:\n${lacking.map((each) => `  - ${each}`).join('\n')}`);
  }
  const missing = missingPackages();
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(' ')}`);
  const apt = (args: readonly string[]): Promise<unknown> =>
    execa('apt-get', args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  await withProgress('apt-get', async () => {
    await apt(['update', '-q']);
    // No daemon is wanted: the lab starts its own.
    await apt(['install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Options::=--force-confdef', ...missing]);
  });
  const still = missingPackages();
  if (still.length > 0) throw new Error(`apt-get did not bring: ${still.join(', ')}`);
}
