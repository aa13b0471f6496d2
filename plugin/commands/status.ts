import type { Lifecycles } from '../cluster/lifecycles.ts';
import { LifecycleError } from '../errors/errors.ts';
import { systemClock } from '../steps/ports/clock.ts';
import { isLifecycleError } from './failure.ts';
import type { Io } from './io.ts';
import { statusLines, statusTable } from './status-text.ts';
import { statusView, type StatusView } from './status-view.ts';

export interface StatusOptions {
  readonly namespace?: string;
  readonly context?: string;
  readonly output: 'table' | 'json';
  readonly watch?: boolean;
}

const LOOK_MILLISECONDS = 1000;

/** Reads the cluster and nothing else; with `watch` it ends when it is interrupted, or when the Lifecycle is gone. */
export async function status(io: Io, name: string | undefined, options: StatusOptions): Promise<void> {
  const { namespace, context, output, watch = false } = options;
  const lifecycles = await io.connect({
    ...(namespace !== undefined && { namespace }),
    ...(context !== undefined && { context }),
  });
  const of = name ?? (await onlyOne(lifecycles));
  const look = async (): Promise<unknown> =>
    (await lifecycles.get(of)) ?? missing(`${lifecycles.namespace} has no Lifecycle ${of}`);
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

async function onlyOne(lifecycles: Lifecycles): Promise<string> {
  const [first, ...others] = await lifecycles.names();
  if (first === undefined) return missing(`${lifecycles.namespace} has none`);
  if (others.length === 0) return first;
  throw new LifecycleError(
    'usage',
    `${lifecycles.namespace} has several; name one of: ${[first, ...others].join(', ')}`,
  );
}

function missing(detail: string): never {
  throw new LifecycleError('no-lifecycle', detail);
}

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
