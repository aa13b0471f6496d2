import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { clusterName } from '../../plugin/approval/claims.ts';

/**
 * The generator's configuration file: what it may read, whom it asks, what it signs with. Secrets never stand in it: they are named, as a
 * file (a mounted Secret) or as a variable of the environment.
 */
export const secretSchema = z
  .union([
    z.strictObject({ file: z.string().refine(isAbsolute, 'an absolute path') }),
    z.strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable') }),
  ])
  .describe('Where a secret is: an absolute path of a file, or the name of an environment variable.');

const seconds = (most: number) => z.int().min(1).max(most);

const glob = z.string().min(1).max(256);

const gitUrl = z
  .string()
  .max(1024)
  .regex(
    /^(?:https?:\/\/[^@\s]+|ssh:\/\/[^\s]+|[\w.-]+@[\w.-]+:[^\s:]+)$/,
    'https://…, ssh://… or user@host:path, without a password in it',
  );

const credentials = z.union([
  z.strictObject({ username: z.string().min(1), password: secretSchema }),
  z.strictObject({ sshKey: secretSchema, knownHosts: z.string().refine(isAbsolute, 'an absolute path') }),
]);

const scm = z
  .strictObject({
    kind: z.enum(['github', 'gitlab', 'gitea']),
    api: z
      .url({ protocol: /^https?$/, error: 'the address of its API, as https://gitea.example.com' })
      .describe('https://api.github.com, https://gitlab.example.com, https://gitea.example.com'),
    project: z.string().min(3).max(512).describe('owner/name, with groups at GitLab'),
    token: secretSchema,
    webhookSecret: secretSchema.optional(),
    noReplyDomain: z
      .string()
      .regex(/^[\w.-]{1,253}$/, 'a domain, as noreply.gitea.example.com')
      .optional()
      .describe(
        'Of the addresses of who hides his own, where it is not users.noreply.<host>; at Gitea noreply.<host>.',
      ),
  })
  .describe('Where its pull requests are; without one nothing of this repository can be approved by them.');

export const repositorySchema = z.strictObject({
  url: gitUrl.describe('As an ApplicationSet names it; compared whole.'),
  revisions: z.array(z.string().min(1).max(256)).min(1).default(['main']).describe('Branches that may be asked for.'),
  paths: z.array(glob).min(1).default(['**']).describe('Folders of lifecycle files that may be asked for, as globs.'),
  namespace: z
    .string()
    .min(1)
    .max(256)
    .default('{folder}')
    .describe(
      'Where a file is deployed to: {folder}, {parent} and {name} stand for its folder, that above, its Lifecycle.',
    ),
  cluster: clusterName.describe(
    'The cluster that approvals of it are for, by the name that its plugin has (LIFECYCLE_CLUSTER).',
  ),
  credentials: credentials.optional(),
  /** A repository over http is for a network of one's own; a password would go over it in the clear. */
  allowHttp: z.boolean().default(false),
  scm: scm.optional(),
});

const duration = z.string().regex(/^\d+[mhd]$/, '90m, 24h, 7d');

const approvers = z.strictObject({
  users: z.array(z.string().min(1)).default([]),
  teams: z.array(z.string().min(1)).default([]).describe('org/team, a group of GitLab, org/team of Gitea.'),
  codeOwners: z.boolean().default(false).describe('Whoever CODEOWNERS of the base branch names for the file.'),
});

export const policySchema = z.strictObject({
  repositories: z.array(gitUrl).optional().describe('Those that it holds for; all without it.'),
  paths: z.array(glob).optional(),
  namespaces: z.array(glob).optional(),
  requests: z
    .array(z.enum(['restore']))
    .min(1)
    .default(['restore']),
  quorum: z.int().min(1).max(32).default(1),
  approvers,
});

const approvals = z.strictObject({
  key: secretSchema.describe('The private key that approvals are signed with, as lifecycle keys writes it.'),
  valid: duration.default('24h').describe('How long after the last approval a request may begin.'),
  policies: z
    .array(policySchema)
    .min(1)
    .describe('The first one that fits a request holds; what none fits cannot be approved.'),
});

const limits = z.strictObject({
  bodyBytes: z.int().min(1024).max(10_485_760).default(65_536),
  concurrentRequests: z.int().min(1).max(10_000).default(256),
  requestSeconds: seconds(300).default(25),
  fetchSeconds: seconds(3600).default(60),
  /** How long what was fetched is taken for current, where no webhook said otherwise. */
  freshSeconds: z.int().min(0).max(3600).default(10),
  /** How long the last fetch may be ago where the repository cannot be reached; 5xx after that. */
  staleSeconds: z.int().min(0).max(604_800).default(86_400),
  files: z.int().min(1).max(1_000_000).default(20_000),
  repositoryBytes: z.int().min(1_048_576).default(4_294_967_296),
  shrinkPercent: z.int().min(0).max(100).default(20).describe('Most files that may go away at once.'),
});

export const configSchema = z
  .strictObject({
    apiVersion: z.literal('lifecycle.bestie.com/v1alpha1'),
    kind: z.literal('GeneratorConfiguration'),
    token: secretSchema.describe('What the ApplicationSet controller authenticates with.'),
    pageToken: secretSchema.optional().describe('Basic authentication of the page; without it the page is off.'),
    repositories: z.array(repositorySchema).min(1),
    approvals: approvals.optional(),
    limits: limits.prefault({}),
  })
  .describe('What the generator of ApplicationSets may read, and how requests are approved.');

export type Config = z.output<typeof configSchema>;
export type RepositoryConfig = Config['repositories'][number];
export type ScmConfig = NonNullable<RepositoryConfig['scm']>;
export type ApprovalsConfig = NonNullable<Config['approvals']>;
export type ApprovalPolicy = ApprovalsConfig['policies'][number];
export type Limits = Config['limits'];
export type SecretSource = z.output<typeof secretSchema>;
