import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTAINERD_SOCKET, LAB_ID, RUN, STATE } from '../paths.ts';
import { CERTS, NODE_NAME } from './certificates.ts';
import { BRIDGE, NODE_IP, POD_CIDR } from './network.ts';

/** Configuration files of the node's processes, written anew at every start. */
export const CONTAINERD_ROOT = join(STATE, 'containerd');
export const CGROUP_ROOT = `/${LAB_ID}`;

const containerd = `version = 2
root = "${CONTAINERD_ROOT}"
state = "${RUN}/containerd"
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  # Without CAP_SYS_RESOURCE a lower score cannot be set, and every sandbox would fail.
  restrict_oom_score_adj = true
  # Not under /run/netns, where nobody could tell whose they are.
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "${RUN}/runc"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${RUN}/cni"
`;

const cni = {
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: `${RUN}/ipam`,
        ranges: [[{ subnet: POD_CIDR, rangeStart: '10.88.1.1', rangeEnd: '10.88.254.254', gateway: NODE_IP }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

const kubelet = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: NODE_IP,
  healthzBindAddress: '127.0.0.1',
  healthzPort: 10248,
  tlsCertFile: `${CERTS}/kubelet.crt`,
  tlsPrivateKeyFile: `${CERTS}/kubelet.key`,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: `${CERTS}/ca.crt` },
  },
  authorization: { mode: 'Webhook' },
  containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: CGROUP_ROOT,
  failCgroupV1: false,
  failSwapOn: false,
  clusterDNS: [NODE_IP],
  clusterDomain: 'cluster.local',
  resolvConf: `${RUN}/resolv.conf`,
  podLogsDir: `${RUN}/podlogs`,
  volumePluginDir: `${RUN}/volumeplugins`,
  imageGCHighThresholdPercent: 100,
  evictionHard: {
    'memory.available': '200Mi',
    'nodefs.available': '1%',
    'imagefs.available': '1%',
    'nodefs.inodesFree': '1%',
  },
  serializeImagePulls: false,
  registryPullQPS: 0,
  maxOpenFiles: 20000,
  // Otherwise kubelet leaves iptables chains behind.
  makeIPTablesUtilChains: false,
  nodeStatusUpdateFrequency: '10s',
};

const proxy = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  hostnameOverride: NODE_NAME,
  clusterCIDR: POD_CIDR,
  clientConnection: { kubeconfig: `${CERTS}/proxy.kubeconfig` },
  healthzBindAddress: '127.0.0.1:10256',
  metricsBindAddress: '127.0.0.1:10249',
  nodePortAddresses: [`${NODE_IP}/32`],
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  nftables: { minSyncPeriod: '0s', syncPeriod: '30s' },
};

const corefile = `.:53 {
  bind ${NODE_IP}
  errors
  ready ${NODE_IP}:8181
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${CERTS}/dns.kubeconfig lab
    pods insecure
    ttl 2
  }
}
`;

export function writeConfigs(): void {
  for (const folder of ['cni', 'ipam', 'kubelet', 'etcd', 'kcm']) mkdirSync(join(RUN, folder), { recursive: true });
  for (const folder of [CONTAINERD_ROOT, join(STATE, 'volumes')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(RUN, 'containerd.toml'), containerd);
  writeFileSync(join(RUN, 'cni/10-lab.conflist'), JSON.stringify(cni));
  writeFileSync(join(RUN, 'kubelet.json'), JSON.stringify(kubelet));
  writeFileSync(join(RUN, 'proxy.json'), JSON.stringify(proxy));
  writeFileSync(join(RUN, 'Corefile'), corefile);
  writeFileSync(join(RUN, 'resolv.conf'), '');
}
