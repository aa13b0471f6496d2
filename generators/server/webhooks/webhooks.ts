import type { RequestHandler } from 'express';
import { LifecycleError } from '../../../plugin/errors/errors.ts';
import type { RepositoryConfig } from '../../config/schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import type { Inventory } from '../../ports.ts';
import { sendJson, tell } from '../call.ts';
import { parseJson } from '../json-body.ts';
import type { Metrics, WebhookResult } from '../metrics/metrics.ts';
import { deliveryKey, type Deliveries } from './deliveries.ts';
import { eventOf, readEvent, type Told } from './events.ts';
import type { Queue } from './queue.ts';
import { givenProof, proves, type ScmKind } from './signature.ts';

export interface WebhookParts {
  readonly repositories: readonly RepositoryConfig[];
  readonly secrets: Secrets;
  readonly inventory: Pick<Inventory, 'pushed'>;
  readonly queue: Queue;
  readonly deliveries: Deliveries;
  readonly metrics: Metrics;
}

const refused = (detail: string): LifecycleError => new LifecycleError('generator-webhook-refused', detail);

/** Before a body is read: whether it could be proven at all. */
export function provable(kind: ScmKind, { repositories }: WebhookParts): RequestHandler {
  return (request, _response, next) => {
    if (!repositories.some(({ scm }) => scm?.kind === kind && scm.webhookSecret))
      throw refused(`no repository has a webhookSecret for ${kind}`);
    if (givenProof(kind, request.headers) === undefined) throw refused(`it has no signature of ${kind}`);
    next();
  };
}

/** `POST /webhooks/KIND`: answered at once; what a pull request needs is done behind the answer. */
export function answerWebhook(kind: ScmKind, parts: WebhookParts): RequestHandler {
  return (request, response) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const proven = provenBy(kind, parts, givenProof(kind, request.headers) ?? '', body);
    if (proven.length === 0) throw refused('its signature is of no secret of the configuration');
    const event = eventOf(kind, request.headers);
    const key = deliveryKey(kind, event, body);
    const result = parts.deliveries.take(key) ? handled(kind, event, body, proven, parts, key) : 'seen';
    parts.metrics.delivered(kind, result);
    Object.assign(tell(request).facts, { kind, event, result });
    if (result === 'full') throw new LifecycleError('generator-busy', 'too many pull requests wait to be looked at');
    sendJson(response, 202, { result });
  };
}

/** Those whose secret the sender knows: with the secret of one repository nobody speaks for another. */
function provenBy(
  kind: ScmKind,
  { repositories, secrets }: WebhookParts,
  given: string,
  body: Buffer,
): readonly RepositoryConfig[] {
  const known = new Map<string, boolean>();
  const isProven = (secret: string): boolean => {
    const before = known.get(secret);
    if (before !== undefined) return before;
    const now = proves(kind, given, secret, body);
    known.set(secret, now);
    return now;
  };
  return repositories.filter(({ scm }) => {
    if (scm?.kind !== kind || !scm.webhookSecret) return false;
    // One that cannot be read now proves nothing, and hinders no other.
    if (secrets.problemOf(scm.webhookSecret) !== undefined) return false;
    return isProven(secrets.read(scm.webhookSecret));
  });
}

function handled(
  kind: ScmKind,
  event: string,
  body: Buffer,
  proven: readonly RepositoryConfig[],
  parts: WebhookParts,
  key: string,
): WebhookResult {
  const forget = (): void => {
    parts.deliveries.forget(key);
  };
  try {
    const result = act(readEvent(kind, event, parseJson(body)), proven, parts, forget);
    if (result === 'full') forget();
    return result;
  } catch (error) {
    forget();
    throw error;
  }
}

function act(
  { project, about }: Told,
  proven: readonly RepositoryConfig[],
  parts: WebhookParts,
  failed: () => void,
): WebhookResult {
  const meant = proven.filter(({ scm }) => scm?.project.toLowerCase() === project?.toLowerCase());
  if (about === undefined || meant.length === 0) return 'ignored';
  if (about === 'push') {
    for (const repository of meant) parts.inventory.pushed(repository);
    return 'push';
  }
  const { pullRequest } = about;
  const taken = meant.map((repository) => parts.queue.offer(repository, pullRequest, failed));
  return taken.every(Boolean) ? 'pull-request' : 'full';
}
