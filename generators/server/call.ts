import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { CallCode, Metrics, Route } from './metrics/metrics.ts';

/** What is told of a call when it has ended: to the log, and to metrics. */
export interface Told {
  code: CallCode;
  /** For the log: no secret, and of a caller only what was checked. */
  readonly facts: Record<string, string | number>;
}

const told = new WeakMap<Request, Told>();

export const tell = (request: Request): Told => {
  const known = told.get(request);
  if (known) return known;
  const fresh: Told = { code: 'ok', facts: {} };
  told.set(request, fresh);
  return fresh;
};

interface Observers {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Counts and logs every call of a route when its response has gone out, or nobody waits for it any more. */
export function observed(route: Route, { metrics, log, now }: Observers): RequestHandler {
  return (request, response, next) => {
    const begun = now().getTime();
    response.once('close', () => {
      const { code, facts } = tell(request);
      const ended: CallCode = response.writableFinished ? code : 'gone';
      const milliseconds = now().getTime() - begun;
      metrics.called(route, ended, milliseconds / 1000);
      const line = { route, status: response.statusCode, code: ended, milliseconds, ...facts };
      log[ended === 'ok' ? 'info' : 'warn'](line, 'call');
    });
    next();
  };
}

/** JSON with its length, so that half of it is no answer. */
export function sendJson(response: Response, status: number, body: unknown): void {
  response
    .status(status)
    .type('application/json')
    .send(Buffer.from(JSON.stringify(body)));
}
