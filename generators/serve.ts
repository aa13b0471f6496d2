import type { Logger } from 'pino';
import { PlacedError } from '../plugin/commands/failure.ts';
import { VERSION } from '../plugin/commands/version.ts';
import type { Config } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import type { Inventory, PullRequests } from './ports.ts';
import { createApp } from './server/app.ts';
import { listen } from './server/listen.ts';
import { pageTemplate } from './server/page/template.ts';
import { warmUp } from './warm-up.ts';

/** What stands behind the server. */
export interface Parts {
  readonly inventory: Inventory;
  readonly pullRequests: PullRequests;
  /** Ends what still runs. */
  readonly close: () => Promise<void>;
}

export interface PartsOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly log: Logger;
  readonly mirrors: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}
export type CreateParts = (options: PartsOptions) => Parts;

export interface ServeOptions extends PartsOptions {
  readonly port: number;
  readonly stop: AbortSignal;
  readonly createParts: CreateParts;
}

/** After the longest call has ended there is time for its answer. */
const SECONDS_TO_ANSWER = 5;

/** Serves until it is told to stop, and until what is being answered then has ended. */
export async function serve(options: ServeOptions): Promise<void> {
  const { config, secrets, log, port, now, stop } = options;
  const parts = options.createParts(options);
  let warm = false;
  const app = createApp({
    ...{ config, secrets, log, now, version: VERSION, page: pageTemplate() },
    ...{ inventory: parts.inventory, pullRequests: parts.pullRequests },
    ready: () => warm && !stop.aborted,
  });
  const server = await listen(app.handler, port).catch((error: unknown) => {
    const { code = 'an unknown error' } = error as NodeJS.ErrnoException;
    throw new PlacedError(`port ${port}`, 'generator-port-refused', code);
  });
  log.info({ port: server.port, version: VERSION, repositories: config.repositories.length }, 'listening');
  void warmUp(parts.inventory, config, log, stop).then(() => {
    warm = true;
    if (!stop.aborted) log.info('ready');
  });

  await aborted(stop);
  log.info('stopping');
  const grace = AbortSignal.timeout((config.limits.requestSeconds + SECONDS_TO_ANSWER) * 1000);
  await Promise.all([server.close(grace), app.close(grace)]);
  await parts.close();
  log.info('stopped');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
