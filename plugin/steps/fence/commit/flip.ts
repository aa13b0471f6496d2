import { textOf } from '../../../errors/text-of.ts';
import type { Decision } from '../../../lifecycle/status.ts';
import { canonicalJson } from '../../../plan/digest.ts';
import { instanceSelector } from '../../../plan/labels.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { waitFor, type Wait } from '../../../postgres/wait.ts';
import type { StepContext } from '../../ports/step.ts';
import { untilAnswered } from '../../ports/until-answered.ts';
import { note, noteRemade } from '../decide.ts';

const FLIP_SECONDS = 15;
const ENDPOINTS_SECONDS = 15;
/** kube-proxy acts on the new endpoints within about 0.2 s, and nothing in the cluster says when it has. */
const PROXY_MILLISECONDS = 1000;

const bound = ({ clock, progress }: StepContext, seconds: number): Wait => ({
  clock,
  seconds,
  report: progress.report,
});

/**
 * The admission policy lets it through as soon as its informer has seen Committed, about 0.1 s after the write.
 * @throws the API server's last refusal.
 */
async function select(context: StepContext, green: StepInstance): Promise<void> {
  const { cluster, request } = context;
  const selector = instanceSelector(request.lifecycle, green.name);
  let refusal: unknown;
  const selected = await untilAnswered(
    `flipping ${request.traffic.service}`,
    async () => {
      await cluster.setServiceSelector(request.traffic.service, selector);
      return true;
    },
    (error) => {
      refusal = error;
    },
    { ...bound(context, FLIP_SECONDS), everyMilliseconds: 50 },
  );
  if (!selected) throw refusal;
}

/**
 * C5: the Service selects green. Where it is on record, the Service is looked at.
 * @returns since when.
 */
export async function flip(context: StepContext, green: StepInstance, before: Decision): Promise<string> {
  if (before.flipped !== undefined) {
    if (await leadsElsewhere(context, green)) {
      await select(context, green);
      await noteRemade(context, 'Committed', `${context.request.traffic.service} led elsewhere`);
    }
    return before.flipped;
  }
  await select(context, green);
  const now = context.clock.now().toISOString();
  const { flipped = now } = await note(context, 'Committed', (decision) => ({ flipped: decision.flipped ?? now }));
  return flipped;
}

/** An API server that does not say is no reason to hold up those who write. */
async function leadsElsewhere({ cluster, request, progress }: StepContext, green: StepInstance): Promise<boolean> {
  try {
    const selector = await cluster.serviceSelector(request.traffic.service);
    if (selector === undefined) return false;
    return canonicalJson(selector) !== canonicalJson(instanceSelector(request.lifecycle, green.name));
  } catch (error) {
    progress.report(`looking at ${request.traffic.service}: ${textOf(error)}`);
    return false;
  }
}

/** New connections reach green: before that, blue's pods must not go, or clients would meet one that is going. */
export async function waitForClients(context: StepContext, green: StepInstance): Promise<void> {
  const { cluster, request, clock } = context;
  await waitFor(
    `waiting for the endpoints of ${request.traffic.service}`,
    async () => {
      const pods = await cluster.pods(instanceSelector(request.lifecycle, green.name));
      const endpoints = await cluster.endpoints(request.traffic.service);
      const greens = new Set(pods.map(({ name }) => name));
      return endpoints.length > 0 && endpoints.every((name) => greens.has(name)) ? true : undefined;
    },
    bound(context, ENDPOINTS_SECONDS),
  );
  await clock.sleep(PROXY_MILLISECONDS);
}
