import { isIP } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;
const DAYS = ['-days', '3650'] as const;

/** Node's own crypto makes keys but signs no certificates. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keyPair(folder: string): Promise<KeyPair> {
  const [certificate, key] = await Promise.all(
    ['crt', 'key'].map((extension) => readFile(join(folder, `it.${extension}`), 'utf8')),
  );
  return { certificate: certificate ?? '', key: key ?? '' };
}

export function createAuthority(commonName = 'postgres-operator-ca'): Promise<KeyPair> {
  return inFolder(async (cwd) => {
    const subject = ['-subj', `/CN=${commonName}`];
    await execa('openssl', ['req', '-x509', ...CURVE, ...DAYS, ...subject, '-keyout', 'it.key', '-out', 'it.crt'], {
      cwd,
    });
    return await keyPair(cwd);
  });
}

/** A certificate for server and client use. `dnsNames` may be empty, and hold addresses. */
export function sign(authority: KeyPair, commonName: string, dnsNames: readonly string[]): Promise<KeyPair> {
  return inFolder(async (cwd) => {
    await writeFile(join(cwd, 'ca.crt'), authority.certificate);
    await writeFile(join(cwd, 'ca.key'), authority.key, { mode: 0o600 });
    const names = dnsNames.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',');
    await writeFile(join(cwd, 'it.ext'), names === '' ? '' : `subjectAltName=${names}\n`);
    const request = ['-subj', `/CN=${commonName}`, '-keyout', 'it.key', '-out', 'it.csr'];
    await execa('openssl', ['req', '-new', ...CURVE, ...request], { cwd });
    const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'it.ext'];
    await execa('openssl', ['x509', '-req', '-in', 'it.csr', '-out', 'it.crt', ...signer, ...DAYS], { cwd });
    return await keyPair(cwd);
  });
}
