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
