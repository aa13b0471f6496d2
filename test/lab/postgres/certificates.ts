import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const openssl = (folder: string, ...args: readonly string[]): Promise<unknown> =>
  execa('openssl', args, { cwd: folder });

/** A CA of its own and a server certificate for 127.0.0.1 and localhost: `ca.crt`, `server.crt`, `server.key`. */
export async function makeCertificates(folder: string): Promise<void> {
  const extensions = join(folder, 'extensions');
  writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await openssl(folder, ...authority);
  await openssl(folder, ...request);
  await openssl(folder, ...signature, '-extfile', extensions);
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const authority = ['req', '-x509', ...KEY, '-subj', '/CN=test CA', '-keyout', 'ca.key', '-out', 'ca.crt'];
const request = ['req', ...KEY, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr'];
const signature = 'x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt'.split(' ');
