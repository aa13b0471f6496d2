import { ApiException } from '@kubernetes/client-node';
import { z } from 'zod';
import { LifecycleError } from '../errors/errors.ts';

/** What the API server says in the body of a refusal (`v1.Status`). */
const refusalSchema = z.object({ message: z.string() });

/** A request to the Kubernetes API that failed. Holds no header and no request body, so no token and no secret. */
export class ApiError extends LifecycleError {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;

  constructor(what: string, status: number | undefined, text: string) {
    super('api-failed', `${what}: ${status === undefined ? '' : `${status} `}${text}`);
    this.status = status;
  }

  /** No answer, too many requests, or a server that is not well: the same request may succeed a moment later. */
  get transient(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

export function apiError(what: string, error: unknown): Error {
  if (error instanceof ApiException) return new ApiError(what, error.code, refusalOf(error.body));
  if (isNetworkError(error)) return new ApiError(what, undefined, networkText(error));
  return error instanceof Error ? error : new Error(String(error));
}

/** @param body a `v1.Status`, or its JSON text where the client did not decode it. */
function refusalOf(body: unknown): string {
  const refusal = refusalSchema.safeParse(typeof body === 'string' ? jsonOf(body) : body);
  return refusal.success ? refusal.data.message : 'no reason was given';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** undici's fetch: `TypeError: fetch failed` with the cause beneath; `TimeoutError` from AbortSignal.timeout. */
function isNetworkError(error: unknown): error is Error {
  return (
    error instanceof Error && (error.name === 'TimeoutError' || error.message === 'fetch failed' || hasCode(error))
  );
}

function hasCode(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(error.code);
}

function networkText(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
