import pRetry from 'p-retry';
import { z } from 'zod';
import { LifecycleError } from '../errors/errors.ts';
import { API_VERSION } from '../lifecycle/schema.ts';
import { statusSchema, type Status } from '../lifecycle/status.ts';
import { canonicalJson } from '../plan/digest.ts';
import type { Ledger, LedgerView } from '../steps/ports/ports.ts';
import type { Api } from './api.ts';
import { ApiError } from './api-error.ts';

const [group = '', version = ''] = API_VERSION.split('/');

/** The object as the API serves it; loose, because the whole of it is sent back with a status update. */
const objectSchema = z.looseObject({
  metadata: z.looseObject({
    uid: z.string(),
    generation: z.int(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  status: statusSchema.default({}),
});
type LifecycleObject = z.output<typeof objectSchema>;

/** Where the API server has the Lifecycles of the namespace, and the one of a name. */
export const lifecyclesTarget = ({ namespace }: Api) => ({ group, version, namespace, plural: 'lifecycles' });
export const lifecycleTarget = (api: Api, name: string) => ({ ...lifecyclesTarget(api), name });

/** The ledger in the status subresource of the Lifecycle `name`. */
export function createLedger(api: Api, name: string): Ledger {
  const target = lifecycleTarget(api, name);

  async function get(): Promise<LifecycleObject> {
    const answer: unknown = await api.call(`get lifecycle ${name}`, () => api.custom.getNamespacedCustomObject(target));
    const object = objectSchema.safeParse(answer);
    if (object.success) return object.data;
    throw new LifecycleError('ledger-unreadable', z.prettifyError(object.error).replaceAll('\n', ' '));
  }

  const replace = async (object: LifecycleObject, status: Status): Promise<LedgerView> => {
    const body = { ...object, status };
    const answer: unknown = await api.once(`write status of lifecycle ${name}`, () =>
      api.custom.replaceNamespacedCustomObjectStatus({ ...target, body }),
    );
    return view(objectSchema.parse(answer));
  };

  return {
    read: async () => view(await get()),
    update: (change) => {
      // What was sent in a request whose answer was lost: found again in the object, it was written after all.
      let sent: string | undefined;
      const swap = async (): ReturnType<Ledger['update']> => {
        const object = await get();
        if (sent !== undefined && canonicalJson(object.status) === sent) return { written: true, view: view(object) };
        const status = change(view(object));
        if (status === undefined) return { written: false, view: view(object) };
        sent = canonicalJson(statusSchema.parse(status));
        return { written: true, view: await replace(object, status) };
      };
      return pRetry(swap, {
        retries: 50,
        minTimeout: 10,
        factor: 1.5,
        maxTimeout: 1000,
        randomize: true,
        maxRetryTime: 60_000,
        shouldRetry: ({ error }) => error instanceof ApiError && (error.transient || error.status === 409),
      });
    },
  };
}

function view({ metadata, status }: LifecycleObject): LedgerView {
  const { uid, generation, labels, annotations } = metadata;
  return { uid, generation, labels, annotations, status };
}
