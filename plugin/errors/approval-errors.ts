import type { ErrorTable } from './error-text.ts';

/** Why an approval does not let a request go on, or could not be made. */
export const APPROVAL_ERRORS = {
  'approval-missing': {
    title: 'the request needs an approval, and none came',
    remedy:
      'let somebody who may approve it sign it (lifecycle approve), and hand the token in as the parameter approval',
  },
  'approval-malformed': {
    title: 'what came as an approval is no token of lifecycle approve',
    remedy: 'hand in the whole token as it was printed, on one line',
  },
  'approval-key-unknown': {
    title: 'the approval was signed with a key that is not trusted here',
    remedy: 'sign it with a key of LIFECYCLE_APPROVAL_KEYS, or let whoever runs the plugin add the public key there',
  },
  'approval-tampered': {
    title: 'the signature of the approval does not fit its content',
    remedy: 'hand in the token as it was signed; nothing of it can be changed afterwards',
  },
  'approval-other-request': {
    title: 'the approval is for another request than the one in the file',
    remedy: 'let the request be approved as it is now; what was changed since needs an approval of its own',
  },
  'approval-other-lifecycle': {
    title: 'the approval is for another Lifecycle',
    remedy: 'let the request be approved for this Lifecycle',
  },
  'approval-other-namespace': {
    title: 'the approval is for another namespace',
    remedy: 'let the request be approved for this namespace',
  },
  'approval-other-cluster': {
    title: 'the approval is for another cluster',
    remedy: 'let the request be approved for this cluster, by the name that its Argo CD has for it (LIFECYCLE_CLUSTER)',
  },
  'approval-expired': {
    title: 'the approval has expired, or ends before the request can begin',
    remedy: 'let the request be approved again, and hand in the new token',
  },
  'approval-not-checkable': {
    title: 'the approval cannot be checked here',
    remedy: 'let whoever runs the plugin correct what the message names in the environment of the sidecar',
  },
  'approval-not-needed': {
    title: 'the file asks for nothing that has to be approved',
    remedy: 'approve a file that asks for a restore',
  },
  'approval-key-invalid': {
    title: 'the file of keys is not what lifecycle keys writes',
    remedy: 'name the private key where something is signed, the file of public keys where it is checked',
  },
  'approval-key-exists': {
    title: 'the private key is there already, and no key is ever overwritten',
    remedy: 'name another file with --private; the public keys may be added to the file that is there',
  },
} as const satisfies ErrorTable;
