import type { Path } from '../../plugin/lifecycle/finding.ts';

/** What is wrong with the configuration, before its place in the text is known. */
export interface Finding {
  readonly path: Path;
  /** A clause; no value that may be secret. */
  readonly detail: string;
  readonly at?: 'key' | 'value';
  readonly remedy?: string;
  /** Where the place is known already: in UTF-16 units from the start. */
  readonly offset?: number;
}
