import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Inventory, PullRequests } from '../ports.ts';
import { readBody } from './body.ts';
import { observed, sendJson } from './call.ts';
import { createGate } from './gate.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { Page } from './page/page-runtime.ts';
import { servePage } from './page/page.ts';
import { admitted, answerParameters, authorized } from './parameters.ts';
import { refuse } from './refuse.ts';
import { refusedAs } from './status.ts';
import { createDeliveries } from './webhooks/deliveries.ts';
import { createQueue } from './webhooks/queue.ts';
import type { ScmKind } from './webhooks/signature.ts';
import { answerWebhook, provable } from './webhooks/webhooks.ts';

export interface AppParts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly inventory: Inventory;
  readonly pullRequests: PullRequests;
  readonly page: Page;
  readonly log: Logger;
  readonly now: () => Date;
  readonly version: string;
  /** Whether new calls are welcome. It never depends on a repository: all replicas would vanish at once with it. */
  readonly ready: () => boolean;
}

export interface App {
  readonly handler: Express;
  /** Ends what runs behind the answers, at once where the signal is aborted. */
  readonly close: (signal: AbortSignal) => Promise<void>;
}

const SOURCE_HOSTS: readonly ScmKind[] = ['github', 'gitlab', 'gitea'];

/** Largest delivery; a larger push is found by the next fetch. It is held whole, because its signature is over all of it. */
const WEBHOOK_BYTES = 2 * 1024 * 1024;
/** Each may hold as many bytes, and has proven nothing yet. */
const WEBHOOKS_AT_ONCE = 16;
const REMEMBERED_DELIVERIES = 4096;
const WAITING_PULL_REQUESTS = 1000;
const PULL_REQUESTS_AT_ONCE = 4;
const PULL_REQUEST_SECONDS = 300;

/** The generator's HTTP interface as a function of what stands behind it. */
export function createApp(parts: AppParts): App {
  const { config, secrets, inventory, log, now, version } = parts;
  const calls = createGate(config.limits.concurrentRequests);
  const queue = createQueue({
    pullRequests: parts.pullRequests,
    most: WAITING_PULL_REQUESTS,
    atOnce: PULL_REQUESTS_AT_ONCE,
    seconds: PULL_REQUEST_SECONDS,
    ended: ({ url }, number, error) => {
      metrics.lookedAt(url, error === undefined ? 'done' : 'failed');
      if (error !== undefined) log.error({ repository: url, pullRequest: number, err: error }, 'pull request');
    },
  });
  const metrics = createMetrics({
    view: inventory.view,
    inFlight: calls.inside,
    waiting: queue.waiting,
    now,
    version,
  });
  const observers = { metrics, log, now };

  const handler = express();
  handler.disable('x-powered-by').disable('etag').set('query parser', false);
  handler.enable('case sensitive routing').enable('strict routing');

  handler.get('/healthz', (_request, response) => {
    sendJson(response, 200, { status: 'alive' });
  });
  handler.get('/readyz', (_request, response) => {
    if (parts.ready()) sendJson(response, 200, { status: 'ready' });
    else sendJson(response, 503, { status: 'not ready' });
  });
  handler.get('/metrics', async (_request, response) => {
    const { type, text } = await metrics.text();
    response.status(200).set('Content-Type', type).send(text);
  });

  handler
    .route('/api/v1/getparams.execute')
    .all(observed('parameters', observers))
    .post(
      authorized(config.token, secrets),
      admitted(calls),
      readBody(config.limits.bodyBytes),
      answerParameters(inventory, config.limits.requestSeconds),
    )
    .all(onlyPost);

  const deliveries = createDeliveries(REMEMBERED_DELIVERIES);
  const webhookGate = createGate(WEBHOOKS_AT_ONCE);
  const webhooks = { repositories: config.repositories, secrets, inventory, queue, deliveries, metrics };
  for (const kind of SOURCE_HOSTS) {
    handler
      .route(`/webhooks/${kind}`)
      .all(observed('webhook', observers))
      .post(provable(kind, webhooks), admitted(webhookGate), readBody(WEBHOOK_BYTES), answerWebhook(kind, webhooks))
      .all(onlyPost);
  }

  if (config.pageToken) {
    const { page } = parts;
    const shown = servePage({ page, password: config.pageToken, secrets, inventory, now, version });
    handler.get('/', observed('page', observers), shown);
  }

  handler.use(observed('other', observers), () => {
    throw refusedAs(404, 'nothing is at this path');
  });
  handler.use(refuse({ log, scrub: secrets.scrub }));
  return { handler, close: queue.close };
}

/** Express would answer OPTIONS, and HEAD where there is GET, with a 2xx by itself. */
const onlyPost: RequestHandler = (_request, response) => {
  response.set('Allow', 'POST');
  throw refusedAs(405, 'only POST is answered here');
};
