import type { ChannelTotals, FailedRead, Gap, LoadStats, Second, SeenVersion } from './load-stats.ts';

type Channel = 'service' | 'direct';

/** `refused` was certainly not committed; `unknown` nobody can tell: neither counts as acknowledged. */
type WriteResult = 'acknowledged' | 'refused' | 'unknown';

interface RecordedWrite {
  readonly channel: Channel;
  readonly result: WriteResult;
  /** Why it was not acknowledged: status and SQLSTATE, or the error of the connection. */
  readonly reason?: string;
}

export interface Statistics {
  readonly read: () => void;
  readonly resent: () => void;
  readonly failedRead: (failure: Omit<FailedRead, 'at'>) => void;
  readonly write: (write: RecordedWrite) => void;
  readonly version: (version: string) => void;
  readonly snapshot: (running: number) => LoadStats;
}

const KEPT_FAILURES = 100;

interface Totals {
  acknowledged: number;
  refused: number;
  unknown: number;
  readonly refusals: Record<string, number>;
  firstAcknowledged?: number;
  lastAcknowledged?: number;
  longestGap?: Gap;
}

const noTotals = (): Totals => ({ acknowledged: 0, refused: 0, unknown: 0, refusals: {} });

const gapBetween = (from: number, to: number): Gap => ({ from, to, milliseconds: to - from });
const longer = (a: Gap | undefined, b: Gap): Gap => (a && a.milliseconds >= b.milliseconds ? a : b);

function acknowledge(totals: Totals, at: number): void {
  totals.acknowledged += 1;
  totals.firstAcknowledged ??= at;
  totals.longestGap = longer(totals.longestGap, gapBetween(totals.lastAcknowledged ?? at, at));
  totals.lastAcknowledged = at;
}

/** A gap that is still open counts as long as it has become, while anybody tries. */
function channelTotals(totals: Totals, now: number, running: number): ChannelTotals {
  const { lastAcknowledged, longestGap } = totals;
  if (lastAcknowledged === undefined || running === 0) return { ...totals };
  return { ...totals, longestGap: longer(longestGap, gapBetween(lastAcknowledged, now)) };
}

/** Counts what the clients report; `now` is the clock. */
export function statistics(now: () => number): Statistics {
  const startedAt = now();
  const seconds: Second[] = [];
  const channels = { service: noTotals(), direct: noTotals() };
  const versions = new Map<string, SeenVersion>();
  const reads = { ok: 0, failed: 0, missing: 0, resent: 0, firstFailures: [] as FailedRead[] };
  const second = (): Second => {
    const at = Math.floor(now() / 1000) * 1000;
    const last = seconds.at(-1);
    if (last?.at === at) return last;
    const next: Second = { at, reads: 0, failedReads: 0, service: 0, direct: 0, refusals: {}, versions: {} };
    seconds.push(next);
    return next;
  };
  return {
    read: () => {
      reads.ok += 1;
      second().reads += 1;
    },
    resent: () => {
      reads.resent += 1;
    },
    failedRead: (failure) => {
      reads.failed += 1;
      if (failure.missing) reads.missing += 1;
      second().failedReads += 1;
      if (reads.firstFailures.length < KEPT_FAILURES) reads.firstFailures.push({ at: now(), ...failure });
    },
    write: ({ channel, result, reason = 'no reason' }) => {
      const totals = channels[channel];
      if (result === 'acknowledged') {
        acknowledge(totals, now());
        second()[channel] += 1;
        return;
      }
      totals[result] += 1;
      totals.refusals[reason] = (totals.refusals[reason] ?? 0) + 1;
      const { refusals } = second();
      const key = `${channel} ${reason}`;
      refusals[key] = (refusals[key] ?? 0) + 1;
    },
    version: (version) => {
      const at = now();
      const seen = versions.get(version) ?? { version, answers: 0, first: at, last: at };
      versions.set(version, { ...seen, answers: seen.answers + 1, last: at });
      const bucket = second().versions;
      bucket[version] = (bucket[version] ?? 0) + 1;
    },
    snapshot: (running) =>
      structuredClone({
        startedAt,
        now: now(),
        running,
        reads,
        service: channelTotals(channels.service, now(), running),
        direct: channelTotals(channels.direct, now(), running),
        versions: [...versions.values()],
        seconds,
      }),
  };
}
