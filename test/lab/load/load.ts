import { setTimeout as delay } from 'node:timers/promises';
import { acknowledgedWrites, type AcknowledgedWrite } from './acknowledged.ts';
import type { ClientContext } from './client.ts';
import { httpClient, type HttpClient } from './http-client.ts';
import { overrider, wayOf } from './overrider.ts';
import { reader } from './reader.ts';
import type { LoadSettings } from './settings.ts';
import type { LoadStats } from './load-stats.ts';
import { statistics } from './statistics.ts';
import { writer } from './writer.ts';

export interface Load {
  readonly stats: () => LoadStats;
  readonly writes: () => readonly AcknowledgedWrite[];
  /**
   * Tells every client to stop after its next answer; resolves when all have, or after five seconds: who waits for a
   * lock may wait on, and what it is told then is still recorded.
   */
  readonly stop: () => Promise<void>;
}

const STOP_MILLISECONDS = 5000;

/** Half of the clients keep their connections. */
const clientOf = (target: string, index: number): HttpClient => httpClient(target, index % 2 === 0 ? 'kept' : 'fresh');

const times = (count: number, each: (index: number) => Promise<void>): readonly Promise<void>[] =>
  Array.from({ length: count }, (_, index) => each(index));

export function startLoad(settings: LoadSettings): Load {
  const { target, writers, readers, overriders, pauseMilliseconds, database, file } = settings;
  let stopped = false;
  const writes = acknowledgedWrites(file);
  const counted = statistics(Date.now);
  const context: ClientContext = {
    writes,
    statistics: counted,
    stopped: () => stopped,
    now: Date.now,
    pause: () => delay(pauseMilliseconds),
  };
  // Tokens of two loads on one database must differ.
  const run = Date.now().toString(36);
  const clients = [
    ...times(writers, (index) => writer(`${run}-w${index}`, clientOf(target, index), context)),
    ...times(readers, (index) => reader(clientOf(target, index), context)),
    ...times(overriders, (index) => overrider(`${run}-o${index}`, database, wayOf(index), context)),
  ];
  let running = clients.length;
  const ended = clients.map((client) => client.finally(() => (running -= 1)));
  return {
    stats: () => counted.snapshot(running),
    writes: writes.all,
    stop: async () => {
      stopped = true;
      await Promise.race([Promise.all(ended), delay(STOP_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}
