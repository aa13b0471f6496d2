import { createHmac } from 'node:crypto';
import type { ScmKind } from '../webhooks/signature.ts';
import { WEBHOOK_SECRET, type World } from './world.ts';

interface Delivery {
  readonly kind: ScmKind;
  readonly event: string;
  readonly payload: unknown;
  readonly secret?: string;
  readonly id?: string;
  /** Instead of those that the source host would send. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A delivery as the source host makes it. */
export function deliver(world: Pick<World, 'url'>, delivery: Delivery): Promise<Response> {
  const { kind, event, payload, secret = WEBHOOK_SECRET, id = '1', headers } = delivery;
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const usual = {
    github: { 'x-github-event': event, 'x-github-delivery': id, 'x-hub-signature-256': `sha256=${signature}` },
    gitlab: { 'x-gitlab-event': event, 'x-gitlab-event-uuid': id, 'x-gitlab-token': secret },
    gitea: { 'x-gitea-event': event, 'x-gitea-delivery': id, 'x-gitea-signature': signature },
  }[kind];
  return fetch(`${world.url}/webhooks/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(headers ?? usual) },
    body,
  });
}
