import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { CONTAINERD_SOCKET, NETNS, RUN, STATE } from '../paths.ts';
import { pidOf, processNames, stopProcess } from '../process.ts';
import { waitFor } from '../wait-for.ts';
import { CGROUP_ROOT, CONTAINERD_ROOT } from './config.ts';
import { deleteNetwork, execInNetwork } from './network.ts';

const NETWORK_RESULTS = '/var/lib/cni/results';

/** Kept alive until the pods are gone. */
const LAST = ['containerd', 'kube-apiserver', 'etcd'];

const mounts = (): readonly string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((target) => target.startsWith(`${RUN}/`) || target.startsWith(`${STATE}/`));

/** The lab's network namespace is what tells its processes from any other's, whatever became of their pid files. */
async function processesInNetwork(): Promise<readonly number[]> {
  if (!existsSync(NETNS)) return [];
  const { stdout } = await execa('ip', ['netns', 'pids', NETNS.slice(NETNS.lastIndexOf('/') + 1)], { reject: false });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** Pods have network namespaces of their own; their processes, and their shims, are found by the lab's cgroups and paths. */
function podProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`${CGROUP_ROOT}/`) ||
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(CONTAINERD_SOCKET)
        );
      } catch {
        return false;
      }
    });
}

async function killAll(pids: () => Promise<readonly number[]>, what: string): Promise<void> {
  await waitFor(
    async () => {
      const left = await pids();
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself in the meantime.
        }
      }
      return left.length === 0;
    },
    { what, timeoutSeconds: 20, everyMilliseconds: 100 },
  );
}

async function removeCgroups(): Promise<void> {
  const { stdout } = await execa('findmnt', ['-rno', 'TARGET', '-t', 'cgroup,cgroup2'], { reject: false });
  for (const target of stdout.split('\n').filter(Boolean)) {
    const root = join(target, CGROUP_ROOT);
    if (existsSync(root))
      await execa('find', [root, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+'], { reject: false });
  }
}

async function unmountAll(): Promise<void> {
  for (const target of [...mounts()].sort().reverse()) await execa('umount', ['-l', target], { reject: false });
}

/** What the CNI library remembers of this lab's pods: their network namespaces are mounts under the lab's run folder. */
function networkResults(): readonly string[] {
  if (!existsSync(NETWORK_RESULTS)) return [];
  return readdirSync(NETWORK_RESULTS)
    .map((name) => join(NETWORK_RESULTS, name))
    .filter((file) => readFileSync(file, 'utf8').includes(`"sandbox":"${RUN}/`));
}

/** Stops everything of this lab and removes what it left, also what an earlier, killed run left. Images stay. */
export async function nodeDown(): Promise<void> {
  const ctr = (...args: string[]): Promise<string> =>
    execInNetwork('ctr', ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', ...args]);
  for (const name of processNames().filter((each) => !LAST.includes(each))) await stopProcess(name);
  if (pidOf('containerd') !== undefined) {
    const tasks = (await ctr('tasks', 'ls', '-q')).split('\n').filter(Boolean);
    await Promise.all(tasks.map((id) => ctr('tasks', 'rm', '-f', id).catch(() => 'gone already')));
    const containers = (await ctr('containers', 'ls', '-q')).split('\n').filter(Boolean);
    if (containers.length > 0) await ctr('containers', 'rm', ...containers).catch(() => 'gone already');
  }
  for (const name of LAST) await stopProcess(name, name === 'containerd' ? 'SIGTERM' : 'SIGKILL');
  await killAll(() => Promise.resolve(podProcesses()), 'the pods’ processes ended');
  await killAll(processesInNetwork, 'the lab’s processes ended');
  for (const file of networkResults()) rmSync(file, { force: true });
  await unmountAll();
  await deleteNetwork();
  await removeCgroups();
  for (const path of [RUN, join(STATE, 'volumes')]) rmSync(path, { recursive: true, force: true });
  for (const each of ['containers', 'sandboxes']) {
    rmSync(join(CONTAINERD_ROOT, 'io.containerd.grpc.v1.cri', each), { recursive: true, force: true });
  }
}

/** What a stopped lab must not have left: empty when clean. */
export async function leftovers(): Promise<readonly string[]> {
  const found = [...mounts().map((target) => `mount ${target}`), ...podProcesses().map((pid) => `process ${pid}`)];
  found.push(...networkResults().map((file) => `file ${file}`));
  found.push(...(await processesInNetwork()).map((pid) => `process ${pid}`));
  if (existsSync(NETNS)) found.push(`network namespace ${NETNS}`);
  if (existsSync(RUN)) found.push(`folder ${RUN}`);
  const { stdout } = await execa('findmnt', ['-rno', 'TARGET', '-t', 'cgroup,cgroup2'], { reject: false });
  for (const target of stdout.split('\n').filter(Boolean)) {
    if (existsSync(join(target, CGROUP_ROOT))) found.push(`cgroup ${join(target, CGROUP_ROOT)}`);
  }
  return found;
}
