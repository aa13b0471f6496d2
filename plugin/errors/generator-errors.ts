import type { ErrorTable } from './error-text.ts';

/**
 * Why the generator refuses a call, or does not start: none of those leads to a list (I15), so that Argo CD keeps its Applications. The last
 * ones are problems of a file, which stand beside its parameters.
 */
export const GENERATOR_ERRORS = {
  'generator-config-invalid': {
    title: 'the configuration of the generator is wrong',
    remedy: 'correct what is named; lifecycle-generator --check --config FILE checks it without starting',
  },
  'generator-port-refused': {
    title: 'the generator cannot listen at its port',
    remedy: 'name another one with --port, or end what listens there',
  },
  'generator-unauthorized': {
    title: 'the token is not that of the configuration',
    remedy: 'let the ConfigMap of the ApplicationSet generator name the Secret that holds the token',
  },
  'generator-bad-request': {
    title: 'the call is not one of an ApplicationSet controller',
    remedy: 'give the plugin generator repoURL, revision, paths and values as its parameters',
  },
  'generator-request-too-large': {
    title: 'the body of the call is larger than the limits of the configuration',
    remedy: 'ask for fewer paths and values, or raise limits.bodyBytes; a push that large is found without its webhook',
  },
  'generator-webhook-refused': {
    title: 'the webhook is not signed with the secret of any repository of the configuration',
    remedy: 'give the webhook of the source host the secret that repositories[].scm.webhookSecret names',
  },
  'generator-busy': {
    title: 'too many calls at once, or one that took too long',
    remedy: 'nothing: the ApplicationSet controller tries again; raise limits, or replicas, if it lasts',
  },
  'generator-not-allowed': {
    title: 'the repository, branch or folder is none that the configuration allows',
    remedy: 'ask for what the configuration allows, or let whoever runs the generator allow it',
  },
  'generator-fetch-failed': {
    title: 'the repository could not be fetched, and nothing that is recent enough is known of it',
    remedy: 'see that the repository can be reached from the generator; it tries again at every call',
  },
  'generator-credentials-refused': {
    title: 'the repository refuses the credentials of the configuration',
    remedy: 'correct the Secret that repositories[].credentials names; nothing has to be restarted',
  },
  'generator-revision-gone': {
    title: 'the repository has no such branch',
    remedy: 'name a branch that is there; a branch that was renamed is to be renamed in the ApplicationSet too',
  },
  'generator-repository-unreadable': {
    title: 'what was fetched cannot be read whole',
    remedy: 'look for a full disk, and for a damaged repository at its source; a damaged mirror is made anew by itself',
  },
  'generator-over-limits': {
    title: 'the repository is larger than the limits of the configuration',
    remedy: 'raise the limit that is named, or ask for fewer folders',
  },
  'generator-shrunk': {
    title: 'more lifecycle files went away than may go at once',
    remedy:
      'bring them back; if they are to go, remove them in several commits then, or raise limits.shrinkPercent for the next 20 commits',
  },
  'generator-scm-unreachable': {
    title: 'the source host does not say who approved, so that nobody knows whether the request may go on',
    remedy: 'see that its API can be reached from the generator, and that the token of the configuration is valid',
  },
  'generator-namespace-invalid': {
    title: 'the namespace that the configuration makes of the file is no name of a namespace',
    remedy:
      'rename the folder to lower-case letters, digits and "-", or let repositories[].namespace name another part',
  },
  'generator-lifecycle-twice': {
    title: 'two files would be deployed to one namespace under one name',
    remedy: 'give one of the two another metadata.name, or another folder',
  },
  'generator-file-link': {
    title: 'the lifecycle file is a link, which is not followed',
    remedy: 'put the file itself there',
  },
} as const satisfies ErrorTable;
