import { z } from 'zod';
import { failure, refusal, writeAnswer, type Answer } from './answer.ts';
import { reasonOf } from './database-error.ts';
import type { Pets } from './pets.ts';

export interface Application {
  readonly version: string;
  readonly pets: Pets;
  readonly whyNotReady: () => Promise<string | undefined>;
}

interface Call {
  /** The path's number, where the route has one. */
  readonly id: number;
  /** The body as text; empty when there is none. */
  readonly body: string;
}

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: RegExp;
  readonly handle: (application: Application, call: Call) => Promise<Answer>;
}

const NEW_PET = z.strictObject({ token: z.string().min(1).max(200), name: z.string().max(200) });
const CHANGED_PET = z.strictObject({ name: z.string().max(200), seq: z.int().positive() });

const missing = failure(404, { sqlstate: undefined, message: 'not found' });

const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/$/,
    handle: ({ version }) => Promise.resolve({ status: 200, body: { application: 'bestie', version } }),
  },
  {
    method: 'GET',
    path: /^\/foster$/,
    handle: async ({ whyNotReady }) => {
      const reason = await whyNotReady();
      return reason === undefined ? { status: 200, body: { ready: true } } : { status: 503, body: { reason } };
    },
  },
  {
    method: 'GET',
    path: /^\/pets\/count$/,
    handle: async ({ pets }) => ({ status: 200, body: { count: await pets.count() } }),
  },
  {
    method: 'GET',
    path: /^\/pets\/(\d{1,15})$/,
    handle: async ({ pets }, { id }) => {
      const pet = await pets.find(id);
      return pet ? { status: 200, body: pet } : missing;
    },
  },
  {
    method: 'POST',
    path: /^\/pets$/,
    handle: async ({ pets }, { body }) => writeAnswer(await pets.insert(NEW_PET.parse(JSON.parse(body))), 201),
  },
  {
    method: 'PUT',
    path: /^\/pets\/(\d{1,15})$/,
    handle: async ({ pets }, { id, body }) =>
      writeAnswer(await pets.update({ id, ...CHANGED_PET.parse(JSON.parse(body)) }), 200),
  },
];

/** Finds the route of a request and runs it. Never throws: whatever happens has an answer. */
export async function respond(
  application: Application,
  request: { readonly method: string; readonly path: string; readonly body: string },
): Promise<Answer> {
  const route = ROUTES.find(({ method, path }) => method === request.method && path.test(request.path));
  if (!route) return missing;
  try {
    const id = Number(route.path.exec(request.path)?.[1]);
    return await route.handle(application, { id, body: request.body });
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) {
      return failure(400, { sqlstate: undefined, message: error.message });
    }
    return refusal(reasonOf(error));
  }
}
