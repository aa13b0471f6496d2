import type { ErrorTable } from './error-text.ts';

/** Refusals of the commands themselves. */
export const COMMAND_ERRORS = {
  usage: { title: 'the command was called wrongly', remedy: 'see --help' },
  'file-unreadable': { title: 'the file or folder cannot be read', remedy: 'check the path and its permissions' },
  'no-lifecycle-file': { title: 'no lifecycle.yaml was found', remedy: 'name a file or folder that has one' },
  'several-lifecycle-files': {
    title: 'the folder holds both lifecycle.yaml and lifecycle.yml',
    remedy: 'keep one lifecycle.yaml',
  },
  'template-unknown': {
    title: 'a file under templates/ replaces no built-in template',
    remedy: 'give it the name of a built-in template, or remove it',
  },
  'template-fixed': {
    title: 'a template of what runs the plan cannot be replaced',
    remedy: 'remove the file; migrations.podTemplate changes the pod of the migrations',
  },
  'template-invalid': {
    title: 'a template does not render the object that it stands for',
    remedy: 'correct it at the line that the message names; print values as {{json value}}',
  },
  'invariant-broken': {
    title: 'the rendered output would break an invariant, through a template override or a patch',
    remedy: 'remove what the message names from templates/ or from the patch in lifecycle.yaml',
  },
  'parameter-invalid': {
    title: 'a parameter is unknown or malformed',
    remedy: 'correct source.plugin.parameters of the Application, or the environment of the sidecar',
  },
  'status-unreadable': {
    title: 'the file is no saved Lifecycle of this name',
    remedy: 'save it with: kubectl get lifecycle NAME -o yaml',
  },
  'no-repository': {
    title: 'the folder is in no work tree of git that can be read',
    remedy: 'run it within a clone; where git calls the folder unsafe: git config --global --add safe.directory FOLDER',
  },
  'base-unknown': {
    title: 'the clone does not have the commit to compare with',
    remedy:
      'name a branch, tag or commit that is there, and fetch it first; in CI with the whole history (actions/checkout: fetch-depth: 0, GitLab: GIT_DEPTH: 0)',
  },
  'no-merge-base': {
    title: 'the two commits have no common ancestor in this clone',
    remedy:
      'fetch the whole history: git fetch --unshallow, actions/checkout with fetch-depth: 0, GitLab with GIT_DEPTH: 0',
  },
  'git-failed': {
    title: 'git is not there, or did not end well',
    remedy: 'install git, and see what it says of this folder: git fsck',
  },
  'review-too-large': {
    title: 'more or larger lifecycle files changed than are looked at together',
    remedy: 'change them in several pull requests, or look at them folder by folder: lifecycle plan FOLDER',
  },
  'next-needs-green': {
    title: 'at rest there is no next stage unless the new instance is named',
    remedy: 'add --green NAME --version TAG',
  },
  'next-green-exists': {
    title: 'an upgrade is under way already',
    remedy: 'call next without --green and --version, or remove green from the file first',
  },
  'next-needs-status': {
    title: 'the file goes on only when its switch or its restore was confirmed, which it does not say itself',
    remedy: 'save the Lifecycle with: kubectl get lifecycle NAME -o yaml > saved.yaml, and add --status saved.yaml',
  },
  'next-not-confirmed': {
    title: 'the saved Lifecycle does not say that this switch, or this restore, was confirmed',
    remedy: 'wait for confirm, see that its sync is through, and save the Lifecycle again',
  },
  'no-lifecycle': {
    title: 'the namespace has no such Lifecycle',
    remedy: 'name one that is there, or its namespace with --namespace: kubectl get lifecycles -A',
  },
  'unknown-code': { title: 'there is no such error code', remedy: 'list them with lifecycle explain' },
  internal: { title: 'a defect of the plugin itself', remedy: 'report it with the lifecycle file that brings it out' },
} as const satisfies ErrorTable;
