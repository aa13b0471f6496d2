import { LifecycleError } from '../../errors/errors.ts';
import type { HttpGet } from '../ports/http.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

const ANSWER_SECONDS = 60;
const REQUEST_MILLISECONDS = 10_000;

/**
 * Asks through a Service of the pod's own namespace until the expected status comes: a Service's rules follow its
 * endpoints a moment later.
 * @returns seconds that the answer took. @throws LifecycleError `smoke-failed` with the last answer.
 */
export async function expectAnswer(context: StepContext, get: HttpGet, service: string): Promise<number> {
  const { application, traffic } = context.request;
  const { path, expectStatus } = application.smoke;
  const url = `http://${service}:${traffic.port}${path}`;
  try {
    return await waitFor(context, { what: `GET ${url}`, timeoutSeconds: ANSWER_SECONDS }, async () => {
      const begin = context.clock.now().getTime();
      const answer = await ask(get, url);
      if (answer !== expectStatus) return seen(`answer ${answer}, expected ${expectStatus}`);
      return found((context.clock.now().getTime() - begin) / 1000);
    });
  } catch (error) {
    if (error instanceof LifecycleError && error.code === 'not-in-time') refuse('smoke-failed', error.message);
    throw error;
  }
}

async function ask(get: HttpGet, url: string): Promise<number | string> {
  try {
    return await get(url, REQUEST_MILLISECONDS);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `none (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}
