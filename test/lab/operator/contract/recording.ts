import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { omit } from '../core/omit.ts';
import type { ClusterSpec, DataSource, PgBackRestSpec, Status } from '../core/cluster.ts';

/** One watch event of the real operator (v6.0.3), as recorded.yaml keeps it. */
export interface RecordedEvent {
  readonly scenario: string;
  readonly seconds: number;
  readonly event: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly cluster: string;
  readonly generation: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: {
    readonly manual?: NonNullable<PgBackRestSpec['manual']>;
    readonly restore?: DataSource & { readonly enabled?: boolean };
    readonly dataSource?: NonNullable<ClusterSpec['dataSource']>;
  };
  readonly status: Status;
}

export interface Scenario {
  readonly scenario: string;
  readonly events: readonly RecordedEvent[];
}

export function readRecording(): readonly Scenario[] {
  const text = readFileSync(new URL('../recorded.yaml', import.meta.url), 'utf8');
  const scenarios = parse(text) as readonly { scenario: string; events?: readonly RecordedEvent[] | null }[];
  return scenarios.map(({ scenario, events }) => ({
    scenario,
    events: (events ?? []).map((event) => ({ ...event, scenario })),
  }));
}

/** Status without what differs from run to run: transition times and the random end of an instance's name. */
export function comparable(status: Status): Readonly<Record<string, unknown>> {
  return leaves({
    ...omit(status, 'usersRevision'),
    ...(status.startupInstance === undefined
      ? {}
      : { startupInstance: status.startupInstance.replace(/-[a-z0-9]{4}$/u, '') }),
    conditions: Object.fromEntries(
      (status.conditions ?? []).map(({ type, status: state, reason, message, observedGeneration }) => [
        type,
        `${state} ${reason}: ${message} @${observedGeneration}`,
      ]),
    ),
  });
}

function leaves(value: unknown, path = ''): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return { [path]: value };
  const entries = Object.entries(value).map(([key, child]) => leaves(child, `${path}/${key}`));
  return Object.assign({}, ...entries) as Record<string, unknown>;
}
