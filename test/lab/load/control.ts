import { createServer, type Server } from 'node:http';
import type { Load } from './load.ts';

/** How the tests look into the pod: `GET /stats`, `GET /writes` (NDJSON), `POST /stop`, which answers with the statistics. */
export function controlServer(load: Load): Server {
  return createServer((request, response) => {
    const json = (): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(load.stats()));
    };
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'GET /stats':
        json();
        return;
      case 'GET /writes':
        response.setHeader('content-type', 'application/x-ndjson');
        for (const write of load.writes()) response.write(`${JSON.stringify(write)}\n`);
        response.end();
        return;
      case 'POST /stop':
        void load.stop().then(json);
        return;
      default:
        response.writeHead(404).end();
    }
  });
}
