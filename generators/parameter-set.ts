/** What an ApplicationSet gets for one lifecycle file. Every field is always there, so that a template with missingkey=error is one. */
export interface ParameterSet {
  /** metadata.name of the Lifecycle. */
  readonly name: string;
  /** Where it is deployed to: repositories[].namespace of the configuration. */
  readonly namespace: string;
  /** The folder of the file; `.` for the root. */
  readonly path: string;
  readonly repoURL: string;
  /** What Argo CD is to read: the branch that was asked for; the newest commit at which it was valid where it is not now. */
  readonly revision: string;
  readonly cluster: string;
  /** Digest of the plan. */
  readonly digest: string;
  /** The plan: AtRest, Prepare, Switch, Restore, RestoreBeside, SwitchRestored, Recover. */
  readonly plan: string;
  /** AtRest, or the stage of green or of restore. */
  readonly stage: string;
  readonly blue: { readonly name: string; readonly version: string };
  /** Empty strings at rest. */
  readonly green: { readonly name: string; readonly version: string };
  /** Empty strings without a restore; request is what an approver signs. */
  readonly restore: { readonly id: string; readonly mode: string; readonly request: string };
  /**
   * `state` is not needed, missing, refused or given. The token is empty unless it is given, or unless the file asks for a switch to what
   * was restored beside and only that it stands there is approved: the token is that approval then, on which it stays.
   */
  readonly approval: {
    readonly state: 'not needed' | 'missing' | 'refused' | 'given';
    readonly token: string;
    /** For people; why, where it is missing or refused. */
    readonly message: string;
  };
  /** What is wrong with the file at the branch's head, `file:line:col code`, in one line; empty where nothing is. */
  readonly problem: string;
  /** What the ApplicationSet's generator gave, carried through. */
  readonly values: Readonly<Record<string, string>>;
}
