import { systemClock } from '../steps/ports/clock.ts';
import { isLifecycleError } from './failure.ts';
import { chosenLifecycle, type InCluster } from './in-cluster.ts';
import type { Io } from './io.ts';
import { statusLines, statusTable } from './status-text.ts';
import { statusView, type StatusView } from './status-view.ts';

export interface StatusOptions extends InCluster {
  readonly output: 'table' | 'json';
  readonly watch?: boolean;
}

const LOOK_MILLISECONDS = 1000;

/** Reads the cluster and nothing else; with `watch` it ends when it is interrupted, or when the Lifecycle is gone. */
export async function status(io: Io, name: string | undefined, options: StatusOptions): Promise<void> {
  const { output, watch = false } = options;
  const lifecycles = await io.connect(options);
  const of = await chosenLifecycle(lifecycles, name);
  const look = (): Promise<unknown> => lifecycles.get(of);
  if (!watch) {
    const view = statusView(await look(), io.now());
    io.out(output === 'json' ? `${JSON.stringify(view, undefined, 2)}\n` : statusTable(view, io.colours));
    return;
  }
  const show = output === 'json' ? jsonLines(io) : io.terminal ? redrawn(io) : changes(io);
  show(await look());
  for (;;) {
    await systemClock.sleep(LOOK_MILLISECONDS);
    const object = await look().catch(away(io));
    if (object !== undefined) show(object);
  }
}

/** An API server that does not answer for a while is what people watch for: it is told, and asked again. */
const away =
  (io: Io) =>
  (error: unknown): undefined => {
    if (!isLifecycleError(error) || error.code !== 'api-failed') throw error;
    io.err(`${error.message}\n`);
  };

type Show = (object: unknown) => void;

/** ECMA-48: the cursor to the upper left, and everything behind it away. */
const CLEAR = '\u001B[H\u001B[J';

const redrawn = (io: Io): Show => {
  io.live('\u001B[2J');
  return (object) => {
    io.live(`${CLEAR}${statusTable(statusView(object, io.now()), io.colours)}`);
  };
};

const changes = (io: Io): Show => {
  let before: StatusView | undefined;
  return (object) => {
    const after = statusView(object);
    for (const line of statusLines(before, after, io.now())) io.live(`${line}\n`);
    before = after;
  };
};

/** One object a line, whenever something has changed. */
const jsonLines = (io: Io): Show => {
  let before = '';
  return (object) => {
    const after = JSON.stringify(statusView(object));
    if (after !== before) io.live(`${after}\n`);
    before = after;
  };
};
