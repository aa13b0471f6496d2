import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { createServer as createTlsServer } from 'node:tls';

/**
 * Runs in the lab's network: hands every connection on to an address there. What it listens on is a Unix socket, which any network reaches, or
 * with a certificate TLS at an address of its own.
 *
 * Usage: relay.ts HOST PORT SOCKET
 *        relay.ts HOST PORT ADDRESS TLS-PORT CERTIFICATE KEY
 */
const [host = '', port = '', at = '', tlsPort, certificate = '', key = ''] = process.argv.slice(2);

function handOn(client: Socket): void {
  const upstream = connect(Number(port), host);
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
}

if (tlsPort === undefined) createServer(handOn).listen(at);
else createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, handOn).listen(Number(tlsPort), at);
