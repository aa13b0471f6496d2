import type { z } from 'zod';
import { policySchema, repositorySchema, secretSchema } from './schema.ts';
import type { ApprovalPolicy, RepositoryConfig, SecretSource } from './schema.ts';

/** What of a configuration has the right shape, so that its rules are checked although something else is wrong. */
export interface Draft {
  readonly token: SecretSource | undefined;
  readonly pageToken: SecretSource | undefined;
  readonly repositories: readonly Item<RepositoryConfig>[];
  /** Of all repositories, those too whose shape is wrong. */
  readonly urls: readonly (string | undefined)[];
  readonly approvals:
    { readonly key: SecretSource | undefined; readonly policies: readonly Item<ApprovalPolicy>[] } | undefined;
}

/** With its index in its list. */
export interface Item<T> {
  readonly index: number;
  readonly value: T;
}

export function draftOf(value: unknown): Draft {
  const repositories = listAt(value, 'repositories');
  const approvals = fieldOf(value, 'approvals');
  return {
    token: parsed(secretSchema, fieldOf(value, 'token')),
    pageToken: parsed(secretSchema, fieldOf(value, 'pageToken')),
    repositories: items(repositorySchema, repositories),
    urls: repositories.map((each) => {
      const url = fieldOf(each, 'url');
      return typeof url === 'string' ? url : undefined;
    }),
    approvals:
      approvals === undefined
        ? undefined
        : {
            key: parsed(secretSchema, fieldOf(approvals, 'key')),
            policies: items(policySchema, listAt(approvals, 'policies')),
          },
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}

const parsed = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => schema.safeParse(value).data;

function items<T>(schema: z.ZodType<T>, values: readonly unknown[]): readonly Item<T>[] {
  return values.flatMap((each, index) => {
    const { success, data } = schema.safeParse(each);
    return success ? [{ index, value: data }] : [];
  });
}
