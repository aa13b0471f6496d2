import { z } from 'zod';
import type { Received } from '../../plugin/cluster/testing-server.ts';
import { statusSchema } from '../../plugin/lifecycle/status.ts';
import type { JobView, PodView } from '../../plugin/steps/ports/ports.ts';
import type { Switch } from '../lab/postgres/switch.ts';

interface Answer {
  readonly code: number;
  readonly body: object;
}

/** What is asked for: an object by its name, or a list by labels. */
interface Asked {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Route = (it: Switch, asked: Asked) => object | undefined | Promise<object | undefined>;

/** The resources that keeper, commit and abort ask for, out of the switch's own state. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET lifecycles/*': (it) => lifecycle(it),
  'PUT lifecycles/*/status': (it, { body }) => writeStatus(it, body),
  'GET postgresclusters/*': (it, { name }) => postgresCluster(it, name),
  'PATCH postgresclusters/*': async (it, { name, body }) => {
    await it.namespace.annotatePostgresCluster(name, annotationsPatch.parse(body).metadata.annotations);
    return postgresCluster(it, name);
  },
  'GET deployments/*': (it, { name }) => deployment(it, name),
  'PATCH deployments/*/scale': async (it, { name, body }) => {
    await it.namespace.scaleDeployment(name, scalePatch.parse(body).spec.replicas);
    return {};
  },
  'GET services/*': (it, { name }) => ({ spec: { selector: it.namespace.selectors.get(name) } }),
  'PATCH services/*': async (it, { name, body }) => {
    await it.namespace.setServiceSelector(name, selectorPatch.parse(body)[0].value);
    return {};
  },
  'GET pods': async (it, { labels }) => ({ items: (await it.namespace.pods(labels)).map(pod) }),
  'GET jobs': async (it, { labels }) => ({ items: (await it.namespace.jobs(labels)).map(job) }),
  'DELETE jobs/*': async (it, { name }) => {
    await it.namespace.deleteJob(name);
    return {};
  },
  'GET endpointslices': async (it, { labels }) => {
    const pods = await it.namespace.endpoints(labels['kubernetes.io/service-name'] ?? '');
    return { items: [{ endpoints: pods.map((name) => ({ addresses: ['10.0.0.1'], targetRef: { name } })) }] };
  },
};

const texts = z.record(z.string(), z.string());
const statusUpdate = z.object({ metadata: z.object({ resourceVersion: z.string() }), status: statusSchema });
const annotationsPatch = z.object({ metadata: z.object({ annotations: texts }) });
const scalePatch = z.object({ spec: z.object({ replicas: z.int() }) });
const selectorPatch = z.tuple([z.object({ value: texts })]);

/** The API server of a switch: the ledger with its compare-and-swap on the resourceVersion, and the namespace. */
export async function answerOf(it: Switch, { method, url, body }: Received): Promise<Answer> {
  const { pathname, searchParams } = new URL(url, 'http://api');
  const [resource = '', name = '', ...subresource] = pathname.replace(/^.*\/namespaces\/[^/]*\//, '').split('/');
  const route = ROUTES[[`${method} ${resource}`, ...(name ? ['*'] : []), ...subresource].join('/')];
  if (!route) return refused(405, `no route for ${method} ${url}`);
  const labels = labelsOf(searchParams.get('labelSelector') ?? '');
  const answer = await route(it, { name, labels, body });
  if (answer === undefined)
    return method === 'PUT' ? refused(409, 'the object was modified') : refused(404, 'not found');
  return { code: 200, body: answer };
}

const refused = (code: number, message: string): Answer => ({
  code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code },
});

const labelsOf = (selector: string): Record<string, string> =>
  Object.fromEntries(selector.split(',').map((each) => each.split('=') as [string, string]));

function lifecycle({ ledger }: Switch): object {
  const metadata = { uid: 'uid-lifecycle', generation: 1, resourceVersion: String(ledger.version) };
  return { metadata, status: ledger.status };
}

function writeStatus(it: Switch, body: unknown): object | undefined {
  const { metadata, status } = statusUpdate.parse(body);
  if (metadata.resourceVersion !== String(it.ledger.version)) return undefined;
  it.ledger.write(status);
  return lifecycle(it);
}

async function postgresCluster({ namespace }: Switch, name: string): Promise<object | undefined> {
  const view = await namespace.postgresCluster(name);
  if (!view) return undefined;
  const { uid, generation, createdAt, annotations, labels, spec, status } = view;
  return { metadata: { name, uid, generation, creationTimestamp: createdAt, annotations, labels }, spec, status };
}

async function deployment({ namespace }: Switch, name: string): Promise<object | undefined> {
  const view = await namespace.deployment(name);
  return view && { spec: { replicas: view.replicas }, status: view };
}

const pod = ({ name, labels, createdAt }: PodView): object => ({
  metadata: { name, labels, creationTimestamp: createdAt },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

const job = ({ name, labels }: JobView): object => ({ metadata: { name, labels }, status: { active: 1 } });
