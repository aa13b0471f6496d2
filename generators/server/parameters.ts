import type { RequestHandler } from 'express';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { SecretSource } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Inventory } from '../ports.ts';
import { readCall } from './asked.ts';
import { sendJson, tell } from './call.ts';
import { deadlineOf } from './deadline.ts';
import type { Gate } from './gate.ts';
import { parseJson } from './json-body.ts';
import { sameSecret } from './same-secret.ts';
import { until } from './until.ts';

/** Whether the caller is the ApplicationSet controller: before anything of its body is read. */
export function authorized(token: SecretSource, secrets: Secrets): RequestHandler {
  return (request, _response, next) => {
    const [, given] = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given === undefined) throw new LifecycleError('generator-unauthorized', 'the call has no bearer token');
    if (!sameSecret(given, secrets.read(token)))
      throw new LifecycleError('generator-unauthorized', 'the call has another token');
    next();
  };
}

/** Nobody waits in front of a full house: the controller tries again. */
export function admitted(gate: Gate): RequestHandler {
  return (_request, response, next) => {
    const leave = gate.enter();
    if (!leave) throw new LifecycleError('generator-busy', `${gate.inside()} calls are being answered`);
    response.once('close', leave);
    next();
  };
}

/** `POST /api/v1/getparams.execute`: a complete list, or an error. */
export function answerParameters(inventory: Inventory, seconds: number): RequestHandler {
  return async (request, response) => {
    const signal = deadlineOf(response, seconds);
    const { applicationSet, asked } = readCall(parseJson(request.body));
    const { facts } = tell(request);
    Object.assign(facts, { applicationSet, repository: asked.repoURL, revision: asked.revision });
    const parameters = await until(inventory.parameters(asked, signal), signal);
    // An empty list is what deletes every Application (facts of Argo CD): whoever made it, it does not leave.
    if (parameters.length === 0) throw new LifecycleError('generator-shrunk', 'no lifecycle file is left');
    facts['files'] = parameters.length;
    sendJson(response, 200, { output: { parameters } });
  };
}
