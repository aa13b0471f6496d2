import type { RepositoryConfig } from '../config/schema.ts';
import type { Tree } from '../repositories/tree.ts';
import type { Facts } from './facts.ts';

/** A version of a file that can be deployed. */
export interface Valid {
  readonly facts: Facts;
  readonly namespace: string;
  readonly blob: string;
  /** Where it is not that of the head: the commit that has it. */
  readonly commit?: string;
  readonly committedAt?: Date;
}

/** One lifecycle file of a branch, and what stands for it. */
export interface Entry extends Partial<Valid> {
  readonly folder: string;
  /** `lifecycle.yaml` in it. */
  readonly path: string;
  /** What is wrong at the head; empty where nothing is. Without `facts` it never was right. */
  readonly problem: string;
}

export type ValidEntry = Entry & Valid;

export const isValid = (entry: Entry): entry is ValidEntry => entry.facts !== undefined;

/** What only one file may have: a namespace and name in a cluster, and a place of backups wherever it is deployed. */
export type Claim = string;
export type Claims = ReadonlyMap<Claim, readonly ValidEntry[]>;

/** All lifecycle files of a branch that may be asked for, at one commit, each by itself. */
export interface Branch {
  readonly repository: RepositoryConfig;
  readonly branch: string;
  readonly head: string;
  readonly tree: Tree;
  /** In the order of their folders. */
  readonly entries: readonly Entry[];
  /** Where in `entries` a folder's is. */
  readonly positions: ReadonlyMap<string, number>;
  readonly claims: Claims;
}
