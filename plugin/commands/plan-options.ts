import type { GenerateOptions } from './parameters.ts';

export interface PlanOptions extends GenerateOptions {
  readonly output: 'table' | 'json' | 'markdown' | 'sarif';
  /** A revision of git: what changes since then, of every file at or below the folder. */
  readonly base?: string;
  /** A saved Lifecycle: `kubectl get lifecycle NAME -o yaml`, or `-o json`. */
  readonly status?: string;
}
