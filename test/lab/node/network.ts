import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { LAB_ID, NETNS } from '../paths.ts';
import { inNetwork } from '../process.ts';

/**
 * The lab lives in a network namespace of its own without a link to the outside: nothing of a pod can leave the machine,
 * several labs run side by side, and deleting the namespace takes bridge, links and nft tables along.
 */
export const NODE_IP = '10.88.0.1';
export const POD_CIDR = '10.88.0.0/16';
export const SERVICE_CIDR = '10.97.0.0/16';
export const BRIDGE = 'cni0';
/** As kubenet made them: 0a:58 and the IP address. */
const BRIDGE_ADDRESS = '0a:58:0a:58:00:01';

export async function execInNetwork(command: string, args: readonly string[]): Promise<string> {
  const [file, argv] = inNetwork(command, args);
  return (await execa(file, argv)).stdout;
}

export async function createNetwork(): Promise<void> {
  if (!existsSync(NETNS)) await execa('ip', ['netns', 'add', LAB_ID]);
  const ip = (...args: string[]): Promise<string> => execInNetwork('ip', args);
  await ip('link', 'set', 'lo', 'up');
  // The node's address is the bridge's own, there before the control plane.
  if (!(await ip('-o', 'link')).includes(`${BRIDGE}:`)) await ip('link', 'add', BRIDGE, 'type', 'bridge');
  // A bridge that was given no hardware address takes the lowest one of its ports, another one whenever a pod comes or goes.
  // A pod with a busy connection does not ask again, and finds no name server until that connection is quiet.
  await ip('link', 'set', BRIDGE, 'address', BRIDGE_ADDRESS);
  await ip('addr', 'replace', `${NODE_IP}/16`, 'dev', BRIDGE);
  await ip('link', 'set', BRIDGE, 'up');
  // Services are reached through nftables before any route matters, but a packet needs some route to get there.
  await ip('route', 'replace', SERVICE_CIDR, 'dev', BRIDGE);
  await ip('route', 'replace', 'default', 'dev', BRIDGE);
  await execInNetwork('sysctl', ['-qw', 'net.ipv4.ip_forward=1', `net.ipv4.conf.${BRIDGE}.route_localnet=1`]);
  // Pods on one bridge reach each other's Services only when bridged packets pass the tables; the module may be built in.
  await execInNetwork('sysctl', ['-qw', 'net.bridge.bridge-nf-call-iptables=1']);
}

export async function deleteNetwork(): Promise<void> {
  if (existsSync(NETNS)) await execa('ip', ['netns', 'delete', LAB_ID]);
}
