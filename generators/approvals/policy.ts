import picomatch from 'picomatch';
import type { Request } from '../../plugin/plan/approved.ts';
import type { ApprovalPolicy, ApprovalsConfig } from '../config/schema.ts';

export interface PolicyAsked {
  readonly url: string;
  /** Of the lifecycle file. */
  readonly path: string;
  readonly namespace: string;
  readonly request: Request;
}

/** @returns the first that fits; undefined where none does, so that it cannot be approved. */
export const policyFor = ({ policies }: ApprovalsConfig, asked: PolicyAsked): ApprovalPolicy | undefined =>
  policies.find((policy) => fits(policy, asked));

function fits({ repositories, paths, namespaces, requests }: ApprovalPolicy, asked: PolicyAsked): boolean {
  return (
    (repositories?.includes(asked.url) ?? true) &&
    (paths === undefined || matches(asked.path, paths) || matches(folderOf(asked.path), paths)) &&
    (namespaces === undefined || matches(asked.namespace, namespaces)) &&
    requests.includes(asked.request)
  );
}

const matches = (text: string, globs: readonly string[]): boolean => picomatch.isMatch(text, [...globs], { dot: true });

/** As `repositories[].paths` has it: a glob of folders fits the files in them. */
const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');

const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;

/** @param duration as the configuration has it: `90m`, `24h`, `7d`. */
export const secondsOf = (duration: string): number =>
  Number(duration.slice(0, -1)) * SECONDS[duration.slice(-1) as keyof typeof SECONDS];
