import type { ErrorTable } from './error-text.ts';

/** Refusals of the commands themselves. */
export const COMMAND_ERRORS = {
  usage: { title: 'the command was called wrongly', remedy: 'see --help' },
  'file-unreadable': { title: 'the file or folder cannot be read', remedy: 'check the path and its permissions' },
  'no-lifecycle-file': { title: 'no lifecycle.yaml was found', remedy: 'name a file or folder that has one' },
  'next-needs-green': {
    title: 'at rest there is no next stage unless the new instance is named',
    remedy: 'add --green NAME --version TAG',
  },
  'next-green-exists': {
    title: 'an upgrade is under way already',
    remedy: 'call next without --green and --version, or remove green from the file first',
  },
  'unknown-code': { title: 'there is no such error code', remedy: 'list them with lifecycle explain' },
  internal: { title: 'a defect of the plugin itself', remedy: 'report it with the lifecycle file that brings it out' },
} as const satisfies ErrorTable;
