import { ApiException } from '@kubernetes/client-node';
import { z } from 'zod';
import { LifecycleError } from '../errors/errors.ts';

/** What the API server says in the body of a refusal (`v1.Status`). */
const refusalSchema = z.object({ message: z.string() });

const UNSETTLED = /failed to configure (policy|binding)|not yet ready to handle request/;

/** A request to the Kubernetes API that failed. Holds no header and no request body, so no token and no secret. */
export class ApiError extends LifecycleError {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /**
   * For half a minute after its start an API server does not know what an admission policy's parameters are, and refuses whatever that
   * policy is about: nothing was done, and it says nothing about the request.
   */
  readonly unsettled: boolean;

  constructor(what: string, status: number | undefined, text: string) {
    super('api-failed', `${what}: ${status === undefined ? '' : `${status} `}${text}`);
    this.status = status;
    this.unsettled = status !== undefined && UNSETTLED.test(text);
  }

  /** No answer, too many requests, or a server that is not well: the same request may succeed a moment later. */
  get transient(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

export function apiError(what: string, error: unknown): Error {
  if (error instanceof ApiException) return new ApiError(what, error.code, refusalOf(error.body));
  const failure = failureSchema.safeParse(error).data;
  if (failure && isNetworkFailure(failure)) {
    return new ApiError(what, undefined, failure.cause?.message ?? failure.message);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** By shape: the DOMException of AbortSignal.timeout is not an Error in every realm. */
const failureSchema = z.object({
  name: z.string(),
  message: z.string(),
  code: z.unknown().optional(),
  cause: z.object({ message: z.string() }).optional().catch(undefined),
});

/** undici's fetch says `fetch failed`, with the reason as its cause. */
function isNetworkFailure({ name, message, code }: z.output<typeof failureSchema>): boolean {
  const coded = typeof code === 'string' && /^(E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(code);
  return name === 'TimeoutError' || message === 'fetch failed' || coded;
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
