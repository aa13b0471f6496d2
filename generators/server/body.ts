import express, { type RequestHandler } from 'express';
import { LifecycleError } from '../../plugin/errors/errors.ts';

/** The body as bytes. Compressed ones are refused: a few bytes of them can become many. */
export function readBody(limit: number): RequestHandler[] {
  return [
    // The parser would read a body off that it has refused already, however long it is.
    (request, _response, next) => {
      const length = Number(request.headers['content-length'] ?? 0);
      if (length > limit) throw new LifecycleError('generator-request-too-large', `it has more than ${limit} bytes`);
      next();
    },
    express.raw({ limit, inflate: false, type: () => true }),
  ];
}
