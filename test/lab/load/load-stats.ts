/** What the clients saw, second by second. Times are Unix times in milliseconds. */

export interface Second {
  readonly at: number;
  reads: number;
  failedReads: number;
  /** Acknowledged writes. */
  service: number;
  direct: number;
  /** Refused and unknown writes by channel and reason: `service 503 25006`. */
  readonly refusals: Record<string, number>;
  /** Answers, reads and writes, by the version that gave them. */
  readonly versions: Record<string, number>;
}

export interface FailedRead {
  readonly at: number;
  /** It was answered, without what was acknowledged before. */
  readonly missing: boolean;
  readonly connection: 'kept' | 'fresh';
  readonly path: string;
  readonly reason: string;
}

export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly milliseconds: number;
}

export interface SeenVersion {
  readonly version: string;
  readonly answers: number;
  readonly first: number;
  readonly last: number;
}

export interface ChannelTotals {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly firstAcknowledged?: number;
  readonly lastAcknowledged?: number;
  /** Between two acknowledged writes of any client, or since the last one. */
  readonly longestGap?: Gap;
}

export interface LoadStats {
  readonly startedAt: number;
  readonly now: number;
  /** Clients that run; 0 once all have stopped. */
  readonly running: number;
  readonly reads: {
    readonly ok: number;
    readonly failed: number;
    /** Of the failed ones: answered, without what was acknowledged before. */
    readonly missing: number;
    /** Sent again because the server closed the kept-alive connection meanwhile. */
    readonly resent: number;
    readonly firstFailures: readonly FailedRead[];
  };
  readonly service: ChannelTotals;
  readonly direct: ChannelTotals;
  readonly versions: readonly SeenVersion[];
  readonly seconds: readonly Readonly<Second>[];
}
