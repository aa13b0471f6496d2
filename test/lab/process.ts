import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NETNS, RUN } from './paths.ts';
import { waitFor } from './wait-for.ts';

/** The lab's processes, one pid file each: they outlive the command that started them, inside the lab's network. */

const PIDS = join(RUN, 'pids');
const pidFile = (name: string): string => join(PIDS, name);
export const logFile = (name: string): string => join(RUN, 'logs', `${name}.log`);

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** `nsenter` replaces itself by the command, so the pid is the command's own. */
export const inNetwork = (command: string, args: readonly string[]): readonly [string, readonly string[]] => [
  'nsenter',
  [`--net=${NETNS}`, command, ...args],
];

/** The process's start time in clock ticks since boot: with the pid it names one process, even after a reuse of pids. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** @returns the pid if the process of that name runs; a stale pid file reads as not running. */
export function pidOf(name: string): number | undefined {
  if (!existsSync(pidFile(name))) return undefined;
  const [pid = '', started = ''] = readFileSync(pidFile(name), 'utf8').split(' ');
  return started !== '' && startTime(Number(pid)) === started ? Number(pid) : undefined;
}

export function processNames(): readonly string[] {
  return existsSync(PIDS) ? readdirSync(PIDS) : [];
}

export function startProcess({ name, command, args, env = {}, cwd }: ProcessSpec): void {
  if (pidOf(name) !== undefined) return;
  mkdirSync(PIDS, { recursive: true });
  mkdirSync(join(RUN, 'logs'), { recursive: true });
  const log = openSync(logFile(name), 'a');
  const [file, argv] = inNetwork(command, args);
  const child = spawn(file, argv, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`${name}: could not be started: ${command}`);
  writeFileSync(pidFile(name), `${child.pid} ${startTime(child.pid) ?? ''}`);
}

/** Ends a process by its pid: `signal`, then SIGKILL after five seconds. */
export async function stopProcess(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const pid = pidOf(name);
  if (pid !== undefined) {
    process.kill(pid, signal);
    const gone = (): Promise<boolean> => Promise.resolve(pidOf(name) === undefined);
    await waitFor(gone, { what: `${name} ended`, timeoutSeconds: 5, everyMilliseconds: 50 }).catch(async () => {
      process.kill(pid, 'SIGKILL');
      await waitFor(gone, { what: `${name} killed`, timeoutSeconds: 5, everyMilliseconds: 50 });
    });
  }
  rmSync(pidFile(name), { force: true });
}
