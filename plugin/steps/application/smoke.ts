import { expectAnswer } from './expect-answer.ts';
import type { HttpGet } from '../ports/http.ts';
import { scaleApplication, waitForEndpoints } from './scale-application.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { isDone } from '../ledger/step-records.ts';
import { requireWindow } from '../ledger/require-window.ts';

/** Writes as the application's role; what is expected depends on the plan. */
export type SmokeCanary = (context: StepContext) => Promise<Evidence>;

/** The application of green, or of what was restored, through its own Service and as its own role, before anybody depends on it. */
export function createSmoke(get: HttpGet, canary: SmokeCanary): RunStep {
  return async (context): Promise<Evidence> => {
    const { clock, request } = context;
    const instance = request.green ?? request.blue;
    const holds = (): Promise<void> => requireMigrated(context);
    await holds();
    const begin = clock.now().getTime();
    const replicas = await scaleApplication(context, instance, { holds });
    await waitForEndpoints(context, instance.service, instance, replicas);
    const readySeconds = (clock.now().getTime() - begin) / 1000;
    const answerSeconds = await expectAnswer(context, get, instance.service);
    const { expectStatus: status } = request.application.smoke;
    return { replicas, readySeconds, status, answerSeconds, ...(await canary(context)) };
  };
}

async function requireMigrated({ ledger, request }: StepContext): Promise<void> {
  const { status } = await ledger.read();
  requireWindow(status, request);
  const before = request.migrations === true ? 'migrate' : 'verify';
  if (!isDone(status, request.digest, before)) refuse('step-out-of-order', `step ${before} is not done`);
}
