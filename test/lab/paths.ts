import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the lab keeps things. One lab a checkout: its id is derived from the checkout's path. */
export const PROJECT = resolve(import.meta.dirname, '../..');
const PRODUCT = 'argocd-lifecycle-plugin';

export const LAB_ID = `lab-${createHash('sha256').update(PROJECT).digest('hex').slice(0, 8)}`;

const base = (variable: string, fallback: string): string => process.env[variable] ?? join(homedir(), fallback);

/** Binaries and images, keyed by what they are made from; shared by every checkout of this user. */
export const CACHE = join(base('XDG_CACHE_HOME', '.cache'), PRODUCT);

/** This lab's state. Kept short: a Unix socket's path has at most 107 characters. */
export const STATE = join(base('XDG_STATE_HOME', '.local/state'), PRODUCT, LAB_ID);

/** What a run of the lab writes; `down` removes it. Certificates and imported images stay beside it. */
export const RUN = join(STATE, 'run');
export const NETNS = `/run/netns/${LAB_ID}`;
export const KUBECONFIG = join(STATE, 'certs/admin.kubeconfig');
export const CONTAINERD_SOCKET = join(RUN, 'containerd.sock');
