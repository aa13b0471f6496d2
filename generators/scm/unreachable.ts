import type { z } from 'zod';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { textOf } from '../../plugin/errors/text-of.ts';

/** @param what was asked for: `reviews of shop/deploy#12`. @param why never an address with a query, never a header. */
export const unreachable = (what: string, why: string): LifecycleError =>
  new LifecycleError('generator-scm-unreachable', `${what}: ${why}`);

/** What a client threw, in a few words: a status where the host answered. */
export function reasonOf(error: unknown): string {
  const status = statusOf(error);
  if (status === 401 || status === 403) return `HTTP ${status}: the token is refused, or may not do this`;
  if (status !== undefined && status >= 400) return `HTTP ${status}`;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return oneLine(`${textOf(error)}${cause}`);
}

/** Of octokit's errors, of a Response that gitea-js throws, of gitbeaker's cause. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  // Octokit gives a status of its own to what never was an answer.
  if ('name' in error && error.name === 'HttpError' && !('response' in error && error.response)) return undefined;
  if ('status' in error && typeof error.status === 'number' && error.status > 0) return error.status;
  const cause: unknown = 'cause' in error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'response' in cause ? statusOf(cause.response) : undefined;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 200);

/** What a host answered, as far as it is used. @throws LifecycleError generator-scm-unreachable */
export function shaped<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw unreachable(what, `an answer that cannot be read: ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`);
}

/** @returns what `ask` does; undefined where the host says that there is no such thing. */
export async function asked<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LifecycleError) throw error;
    if (statusOf(error) === 404) return undefined;
    throw unreachable(what, reasonOf(error));
  }
}

/** @throws LifecycleError also where the host says that there is no such thing: what was named by the host itself has to be there. */
export async function found<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const answer = await asked(what, ask);
  if (answer === undefined) throw unreachable(what, 'HTTP 404: it is not there, or the token may not see it');
  return answer;
}

/** More than this is more than any pull request should have; an answer may not be incomplete. */
const MOST_PAGES = 200;

/**
 * Every page of a list, from 1.
 * @param page undefined or empty is behind the last one
 */
export async function allPages<T>(
  what: string,
  page: (number: number) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let number = 1; number <= MOST_PAGES; number += 1) {
    const some = await page(number);
    if (some.length === 0) return all;
    all.push(...some);
  }
  throw unreachable(what, `more than ${MOST_PAGES} pages`);
}
