import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec, type KubeConfig, type V1Status } from '@kubernetes/client-node';
import { LifecycleError } from '../errors/errors.ts';
import { textOf } from '../errors/text-of.ts';
import type { DatabaseHost, Ran } from '../restorable/database-host.ts';

/** A database's container, as somebody reaches it who may exec into its pod. */
export interface PodHost extends DatabaseHost {
  /** As the superuser, through the server's socket. @returns the first row's columns as text. */
  row(statement: string): Promise<readonly string[]>;
}

const CONTAINER = 'database';
/** A repository in the cloud may be slow to answer. */
const PROGRAM_SECONDS = 120;

/** Commands are lists of words and meet no shell. */
export function podHost(config: KubeConfig, namespace: string, pod: string): PodHost {
  const exec = async (words: readonly string[]): Promise<Ran> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const printed = Promise.all([text(stdout), text(stderr)]);
    const status = await ended(`exec ${words[0] ?? ''} in pod ${pod}`, (done) =>
      new Exec(config).exec(namespace, pod, CONTAINER, [...words], stdout, stderr, null, false, done),
    );
    stdout.end();
    stderr.end();
    const [out, err] = await printed;
    return { failed: status.status !== 'Success', stdout: out, stderr: err === '' ? (status.message ?? '') : err };
  };
  const row = async (statement: string): Promise<readonly string[]> => {
    const psql = ['psql', '-X', '-A', '-t', '-q', '-U', 'postgres', '-d', 'postgres', '-v', 'ON_ERROR_STOP=1'];
    const { failed, stdout, stderr } = await exec([...psql, '-c', statement]);
    if (failed) throw new LifecycleError('api-failed', `psql in pod ${pod}: ${stderr.trim()}`);
    return stdout.trim().split('|');
  };
  return {
    row,
    segmentBytes: async () => Number((await row(`SELECT pg_size_bytes(current_setting('wal_segment_size'))`))[0]),
    run: async (commands, last) => {
      const folder = `/tmp/lifecycle-${randomUUID()}`;
      let all: Ran = await exec(['mkdir', '-m', '700', folder]);
      const add = async (words: readonly string[]): Promise<void> => {
        const { failed, stdout, stderr } = await exec(words);
        all = { failed, stdout: all.stdout + stdout, stderr: all.stderr + stderr };
      };
      try {
        for (const words of commands(folder)) if (!all.failed) await add(words);
        if (!all.failed && last) {
          await add(last(folder));
          all = { ...all, failed: false };
        }
        return all;
      } finally {
        await exec(['rm', '-rf', folder]);
      }
    },
  };
}

/** What is used of the client's WebSocket, whose types are not among its own. */
interface Socket {
  onclose: (() => void) | null;
  close(): void;
}

/** @throws LifecycleError api-failed where the connection is refused, lost or silent. */
async function ended(what: string, start: (done: (status: V1Status) => void) => Promise<unknown>): Promise<V1Status> {
  let socket: Socket | undefined;
  let over = false;
  const failed = (why: string): LifecycleError => new LifecycleError('api-failed', `${what}: ${why}`);
  const { promise, resolve, reject } = Promise.withResolvers<V1Status>();
  const timer = setTimeout(() => {
    reject(failed(`no end within ${PROGRAM_SECONDS} s`));
  }, PROGRAM_SECONDS * 1000);
  try {
    const opening = start(resolve) as Promise<Socket>;
    // One that opens when nobody waits any more would keep the process.
    void opening.then(
      (late) => {
        if (over) late.close();
      },
      () => undefined,
    );
    socket = await Promise.race([opening, promise.then(() => undefined)]);
    if (!socket) return await promise;
    socket.onclose = () => {
      reject(failed('the connection ended'));
    };
    return await promise;
  } catch (error) {
    if (error instanceof LifecycleError) throw error;
    throw failed(textOf(reasonOf(error)));
  } finally {
    clearTimeout(timer);
    over = true;
    socket?.close();
  }
}

/** The WebSocket library rejects with its event, which holds the error. */
const reasonOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'error' in thrown ? thrown.error : thrown;
