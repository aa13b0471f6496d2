import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustRepositoryHost } from '../../lab/argocd/processes.ts';
import { client, createTeam, createUser, createWebhook } from '../../lab/gitea/client.ts';
import { createRepository, type GiteaRepository } from '../../lab/gitea/repository.ts';
import { startGitea, type GiteaServer } from '../../lab/gitea/server.ts';
import { forwardPort, RELAY, type ForwardedPort } from '../../lab/node/forward-port.ts';
import { NODE_IP } from '../../lab/node/network.ts';
import { createAuthority, sign } from '../../lab/operator/edge/certificates.ts';
import { inNetwork, startProcess, stopProcess } from '../../lab/process.ts';

export const ORG = 'shop';
export const REPOSITORY = 'deploy';
export const WEBHOOK_SECRET = 'a webhook secret of the lab only';

/** What it is reached through, with a certificate; itself it listens where only the lab's own network is. */
const TLS_PORT = 8443;
const TLS_RELAY = 'relay-gitea-tls';

/** A source host in the lab's network, with an organization, people, a team of approvers and one repository. */
export interface SourceHost {
  /** Its address in the lab's network. */
  readonly url: string;
  /** Of the repository, for whoever is in the lab. */
  readonly repoURL: string;
  /** PEM of the CA that its certificate is by. */
  readonly authority: string;
  readonly server: GiteaServer;
  readonly repository: GiteaRepository;
  readonly webhook: (url: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startSourceHost(files: Readonly<Record<string, string>>): Promise<SourceHost> {
  const server = await startGitea({ host: '127.0.0.1', through: inNetwork });
  const port = Number(new URL(server.url).port);
  const folder = mkdtempSync(join(tmpdir(), 'source-host-'));
  let forwarded: ForwardedPort | undefined;
  const stop = async (): Promise<void> => {
    await forwarded?.close();
    await stopProcess(TLS_RELAY);
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    const authority = await createAuthority('lab-source-host-ca');
    const { certificate, key } = await sign(authority, NODE_IP, [NODE_IP]);
    const [crt, secret] = [join(folder, 'it.crt'), join(folder, 'it.key')];
    writeFileSync(crt, certificate);
    writeFileSync(secret, key, { mode: 0o600 });
    startProcess({
      name: TLS_RELAY,
      command: process.execPath,
      args: [RELAY, '127.0.0.1', String(port), NODE_IP, String(TLS_PORT), crt, secret],
    });
    trustRepositoryHost(NODE_IP, authority.certificate);
    forwarded = await forwardPort('gitea', '127.0.0.1', port);
    // As the tests reach it.
    const near = { ...server, url: `http://127.0.0.1:${forwarded.port}` };
    const admin = client(near);
    for (const login of ['mallory', 'alice', 'bob', 'carol']) await createUser(admin, login);
    await admin.orgs.orgCreate({ username: ORG });
    const team = await createTeam(admin, ORG, 'dba');
    for (const login of ['alice', 'bob', 'mallory']) await admin.teams.orgAddTeamMember(team, login);
    const repository = await createRepository(near, ORG, REPOSITORY, files);
    const url = `https://${NODE_IP}:${TLS_PORT}`;
    return {
      ...{ url, repoURL: `${url}/${ORG}/${REPOSITORY}.git`, authority: authority.certificate },
      ...{ server, repository, stop },
      webhook: (to) => createWebhook(admin, [ORG, REPOSITORY], { url: to, secret: WEBHOOK_SECRET }),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
