import type { Outcome } from './write.ts';

/** An HTTP answer before it is sent; the body is JSON. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  /** Goes to the header `x-bestie-sqlstate`. */
  readonly sqlstate?: string;
}

interface Problem {
  readonly sqlstate: string | undefined;
  readonly message: string;
}

export const failure = (status: number, { sqlstate, message }: Problem): Answer => ({
  status,
  body: { error: message },
  ...(sqlstate === undefined ? {} : { sqlstate }),
});

/** Not committed, for certain: 409 for a token that is taken, 503 for what may succeed another time. */
export const refusal = (problem: Problem): Answer => failure(problem.sqlstate === '23505' ? 409 : 503, problem);

/** 504 says that nobody knows whether it was committed. */
export function writeAnswer<T extends object>(outcome: Outcome<T | undefined>, status: 200 | 201): Answer {
  if (outcome.kind === 'unknown') return failure(504, outcome);
  if (outcome.kind === 'refused') return refusal(outcome);
  if (outcome.value === undefined) {
    return failure(404, { sqlstate: undefined, message: 'no pet with this id and a lower seq' });
  }
  return { status, body: outcome.value };
}
