import { EventEmitter } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { KubeConfig, V1Status } from '@kubernetes/client-node';
import { Exec } from '@kubernetes/client-node';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /** For what must not stand in a list of processes. */
  readonly input?: string;
}

export interface ExecResult {
  readonly succeeded: boolean;
  readonly output: string;
  /** What the command wrote to standard error, and how it ended. */
  readonly reason: string;
}

/** Longer than any command here lasts: a connection that got lost without a word must not hold the queue. */
const TIMEOUT_MILLISECONDS = 60_000;

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs a command in a container, through the API server. A command that fails, or cannot be started, is no exception. */
export async function execInPod(config: KubeConfig, request: ExecRequest): Promise<ExecResult> {
  const output = new Text();
  const errors = new Text();
  try {
    const status = await connect(config, request, output, errors);
    const succeeded = status.status === 'Success';
    return { succeeded, output: output.text, reason: succeeded ? '' : `${errors.text}${status.message ?? ''}` };
  } catch (error) {
    return { succeeded: false, output: '', reason: error instanceof Error ? error.message : 'connection refused' };
  }
}

function connect(config: KubeConfig, request: ExecRequest, output: Text, errors: Text): Promise<V1Status> {
  const { namespace, pod, container, command, input } = request;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer after ${TIMEOUT_MILLISECONDS / 1000} s`));
    }, TIMEOUT_MILLISECONDS);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      end();
    };
    // A stream that is already ended when the connection stands would never be read.
    const stdin = input === undefined ? null : new PassThrough();
    new Exec(config)
      .exec(namespace, pod, container, [...command], output, errors, stdin, false, (status) => {
        settle(() => {
          resolve(status);
        });
      })
      .then((socket: unknown) => {
        if (!(socket instanceof EventEmitter)) throw new TypeError('not a WebSocket of this library');
        socket.once('close', () => {
          settle(() => {
            reject(new Error('connection closed'));
          });
        });
        if (stdin !== null) Readable.from([input]).pipe(stdin);
      })
      .catch((error: unknown) => {
        settle(() => {
          reject(error instanceof Error ? error : new Error('connection refused'));
        });
      });
  });
}
