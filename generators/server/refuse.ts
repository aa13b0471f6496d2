import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Logger } from 'pino';
import { sendJson, tell } from './call.ts';
import { refusalOf } from './status.ts';

/** Less of a body than this is read off, so that the connection can be kept. */
const READ_OFF = 65_536;

interface Parts {
  readonly log: Logger;
  readonly scrub: (text: string) => string;
}

/** Ends a call that was refused, wherever: one place, so that no refusal is a 2xx. */
export function refuse({ log, scrub }: Parts): ErrorRequestHandler {
  // Express tells a handler of errors by its four parameters.
  return (error: unknown, request, response, next) => {
    const { status, code, message } = refusalOf(error);
    tell(request).code = code;
    tell(request).facts['message'] = message;
    if (code === 'internal') log.error({ err: error }, 'a defect');
    if (response.headersSent || response.destroyed) {
      // Express cuts the connection, so that nobody takes what was sent for whole.
      next(error);
      return;
    }
    if (leavesMuch(request)) response.set('Connection', 'close');
    headersOf(status, response);
    sendJson(response, status, { message: scrub(message), code });
  };
}

function leavesMuch(request: Request): boolean {
  if (request.complete) return false;
  const length = request.headers['content-length'];
  if (length === undefined) return request.headers['transfer-encoding'] !== undefined;
  return Number(length) > READ_OFF;
}

function headersOf(status: number, response: Response): void {
  if (status === 503) response.set('Retry-After', '5');
  if (status === 401 && !response.hasHeader('WWW-Authenticate')) response.set('WWW-Authenticate', 'Bearer');
}
