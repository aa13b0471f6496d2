import pRetry from 'p-retry';

export interface FetchLimits {
  /** Of one call, with its answer. */
  readonly timeoutMilliseconds: number;
  /** Of one answer. */
  readonly maxBytes: number;
}

export const FETCH_LIMITS: FetchLimits = { timeoutMilliseconds: 10_000, maxBytes: 20 * 2 ** 20 };

/**
 * A fetch that ends: in time, in size, and never at another address, to which a token would go.
 * @throws TypeError, or DOMException TimeoutError, as fetch does
 */
export function limitedFetch({ timeoutMilliseconds, maxBytes }: FetchLimits): typeof fetch {
  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const response = await fetch(input, { ...init, signal, redirect: 'error' });
    const body = await bounded(response, maxBytes);
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  };
}

async function bounded({ body, status }: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  // 204 and 304 have none, and a Response of theirs must not be given one.
  if (!body || status === 204 || status === 304) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new TypeError(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export interface Patience {
  readonly retries: number;
  /** Before the first retry; twice as long before each one more. */
  readonly firstWaitMilliseconds: number;
  /** What a host asks to be waited for is waited for at most; a longer one is an error at once. */
  readonly longestWaitMilliseconds: number;
}

export const PATIENCE: Patience = { retries: 3, firstWaitMilliseconds: 300, longestWaitMilliseconds: 5000 };

const PASSES = new Set([429, 500, 502, 503, 504]);

/** An answer, or none, that is another one a moment later. */
class Passing extends Error {
  readonly response: Response | undefined;
  constructor(response: Response | undefined, cause?: unknown) {
    super(response ? `HTTP ${response.status}` : 'no answer', { cause });
    this.response = response;
  }
}

/** One that took its time is not asked again: whoever waits for the answer has no more of it. */
const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && /^(?:Timeout|Abort)Error$/.test(String(error.name));

/**
 * Tries again what passes: an unreachable host, 5xx, and 429 as late as the host asks for. Only calls that change nothing: what was
 * written twice is a second comment.
 */
export function patientFetch(
  inner: typeof fetch,
  { retries, firstWaitMilliseconds, longestWaitMilliseconds }: Patience,
  sleep: (milliseconds: number) => Promise<void>,
): typeof fetch {
  return async (input, init) => {
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    if (method !== 'GET') return inner(input, init);
    const once = async (): Promise<Response> => {
      const response = await inner(input instanceof Request ? input.clone() : input, init).catch((error: unknown) => {
        throw isTimeout(error) ? error : new Passing(undefined, error);
      });
      if (PASSES.has(response.status)) throw new Passing(response);
      return response;
    };
    try {
      return await pRetry(once, {
        retries,
        minTimeout: firstWaitMilliseconds,
        shouldRetry: async ({ error }) => {
          if (!(error instanceof Passing)) return false;
          const wait = error.response ? askedWait(error.response) : 0;
          if (wait > longestWaitMilliseconds) return false;
          if (wait > 0) await sleep(wait);
          return init?.signal?.aborted !== true;
        },
      });
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      if (error.response) return error.response;
      throw error.cause;
    }
  };
}

/** `Retry-After` in seconds, or as a date. */
function askedWait({ headers }: Response): number {
  const asked = headers.get('retry-after');
  if (asked === null) return 0;
  const seconds = Number(asked);
  return Number.isFinite(seconds) ? seconds * 1000 : Math.max(0, Date.parse(asked) - Date.now()) || 0;
}
