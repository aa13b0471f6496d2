import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ErrorCode } from '../../../plugin/errors/errors.ts';
import type { ParameterSet } from '../../parameter-set.ts';
import type { RepositoryView } from '../../ports.ts';
import type { ScmKind } from '../webhooks/signature.ts';
import { METRICS, type MetricRow } from './table.ts';

export type Route = 'parameters' | 'webhook' | 'page' | 'other';
export type CallCode = ErrorCode | 'ok' | 'gone';
export type WebhookResult = 'push' | 'pull-request' | 'seen' | 'ignored' | 'full';

export interface Metrics {
  readonly called: (route: Route, code: CallCode, seconds: number) => void;
  readonly delivered: (kind: ScmKind, result: WebhookResult) => void;
  readonly lookedAt: (repository: string, result: 'done' | 'failed') => void;
  /** In Prometheus' text format, with its content type. */
  readonly text: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** What is read at each scrape. */
export interface Observed {
  readonly view: () => readonly RepositoryView[];
  readonly inFlight: () => number;
  readonly waiting: () => number;
  readonly now: () => Date;
  readonly version: string;
}

const STATES: readonly ParameterSet['approval']['state'][] = ['not needed', 'missing', 'refused', 'given'];

/** A registry of its own: nothing that a package registers somewhere shows up here. */
export function createMetrics(observed: Observed): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = (row: MetricRow): Counter => new Counter({ ...common(row), registers: [registry] });
  const gauge = (row: MetricRow): Gauge => new Gauge({ ...common(row), registers: [registry] });

  const calls = counter(METRICS.calls);
  const { buckets } = METRICS.seconds;
  const seconds = new Histogram({ ...common(METRICS.seconds), buckets: [...buckets], registers: [registry] });
  const webhooks = counter(METRICS.webhooks);
  const pullRequests = counter(METRICS.pullRequests);
  const inFlight = gauge(METRICS.inFlight);
  const waiting = gauge(METRICS.waiting);
  gauge(METRICS.info).set({ version: observed.version }, 1);
  const show = ofRepositories(counter, gauge);

  return {
    called: (route, code, took) => {
      calls.inc({ route, code });
      seconds.observe({ route }, took);
    },
    delivered: (kind, result) => {
      webhooks.inc({ kind, result });
    },
    lookedAt: (repository, result) => {
      pullRequests.inc({ repository, result });
    },
    text: async () => {
      inFlight.set(observed.inFlight());
      waiting.set(observed.waiting());
      show(observed.view(), observed.now());
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

const common = ({ name, help, labels }: MetricRow): { name: string; help: string; labelNames: string[] } => ({
  name,
  help,
  labelNames: [...labels],
});

/** @returns sets what is known of repositories now, and takes off what is no longer. */
function ofRepositories(
  counter: (row: MetricRow) => Counter,
  gauge: (row: MetricRow) => Gauge,
): (view: readonly RepositoryView[], now: Date) => void {
  const fetches = counter(METRICS.fetches);
  const [fetchAge, failing] = [gauge(METRICS.fetchAge), gauge(METRICS.failing)];
  const [files, problems] = [gauge(METRICS.files), gauge(METRICS.problems)];
  const [approvals, lastGood] = [gauge(METRICS.approvals), gauge(METRICS.lastGood)];

  return (view, now) => {
    for (const metric of [fetches, fetchAge, failing, files, problems, approvals, lastGood]) metric.reset();
    for (const { url: repository, fetchedAt, failure, fetches: counts, revisions } of view) {
      fetches.inc({ repository, result: 'done' }, counts.succeeded);
      fetches.inc({ repository, result: 'failed' }, counts.failed);
      if (fetchedAt) fetchAge.set({ repository }, secondsBetween(fetchedAt, now));
      failing.set({ repository }, failure === undefined ? 0 : 1);
      for (const each of revisions) {
        const labels = { repository, revision: each.revision };
        files.set(labels, each.files.length);
        problems.set(labels, each.problems.length + each.files.filter(({ problem }) => problem !== '').length);
        for (const state of STATES)
          approvals.set({ ...labels, state }, each.files.filter(({ approval }) => approval.state === state).length);
        lastGood.set(labels, Math.max(0, ...each.lastGood.map(({ committedAt }) => secondsBetween(committedAt, now))));
      }
    }
  };
}

const secondsBetween = (from: Date, to: Date): number => Math.max(0, (to.getTime() - from.getTime()) / 1000);
