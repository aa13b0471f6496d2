/** Every metric of the generator's own; docs/reference/metrics.md is made of it. Labels have few values, whoever calls. */
export const METRICS = {
  calls: {
    name: 'lifecycle_generator_calls_total',
    type: 'counter',
    labels: ['route', 'code'],
    help: 'Calls that were answered; code is ok, gone (the caller did not wait), or an error code.',
  },
  seconds: {
    name: 'lifecycle_generator_call_seconds',
    type: 'histogram',
    labels: ['route'],
    help: 'How long calls took.',
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  inFlight: {
    name: 'lifecycle_generator_calls_in_flight',
    type: 'gauge',
    labels: [],
    help: 'Calls of ApplicationSet controllers that are being answered.',
  },
  webhooks: {
    name: 'lifecycle_generator_webhooks_total',
    type: 'counter',
    labels: ['kind', 'result'],
    help: 'Deliveries of webhooks whose secret was right; result is push, pull-request, seen (a replay), ignored or full.',
  },
  pullRequests: {
    name: 'lifecycle_generator_pull_requests_total',
    type: 'counter',
    labels: ['repository', 'result'],
    help: 'Pull requests that were looked at after a webhook; result is done or failed.',
  },
  waiting: {
    name: 'lifecycle_generator_pull_requests_waiting',
    type: 'gauge',
    labels: [],
    help: 'Pull requests that wait to be looked at.',
  },
  fetches: {
    name: 'lifecycle_generator_fetches_total',
    type: 'counter',
    labels: ['repository', 'result'],
    help: 'Fetches of repositories; result is done or failed.',
  },
  fetchAge: {
    name: 'lifecycle_generator_fetch_age_seconds',
    type: 'gauge',
    labels: ['repository'],
    help: 'How long the last fetch that succeeded is ago; absent where none has.',
  },
  failing: {
    name: 'lifecycle_generator_fetch_failing',
    type: 'gauge',
    labels: ['repository'],
    help: '1 where the last fetch failed, else 0.',
  },
  files: {
    name: 'lifecycle_generator_files',
    type: 'gauge',
    labels: ['repository', 'revision'],
    help: 'Lifecycle files that a branch has parameters of.',
  },
  problems: {
    name: 'lifecycle_generator_problems',
    type: 'gauge',
    labels: ['repository', 'revision'],
    help: 'Lifecycle files of a branch with a problem, those among them that have no parameters at all too.',
  },
  approvals: {
    name: 'lifecycle_generator_approvals',
    type: 'gauge',
    labels: ['repository', 'revision', 'state'],
    help: 'Lifecycle files by what became of their approval: not needed, missing, refused, given.',
  },
  lastGood: {
    name: 'lifecycle_generator_last_good_age_seconds',
    type: 'gauge',
    labels: ['repository', 'revision'],
    help: 'How old the oldest commit is that a file is served from because the head’s is not valid; 0 where all are.',
  },
  info: {
    name: 'lifecycle_generator_info',
    type: 'gauge',
    labels: ['version'],
    help: 'Always 1.',
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds in seconds. */
  readonly buckets?: readonly number[];
}
