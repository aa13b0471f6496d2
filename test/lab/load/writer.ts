import { TOKEN_PREFIX, type AcknowledgedWrite } from './acknowledged.ts';
import type { ClientContext } from './client.ts';
import { reasonOf } from './error-code.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';

/** Of each row: one insert, then so many updates with rising seq. */
const UPDATES_A_ROW = 4;

type Row = Pick<AcknowledgedWrite, 'token' | 'id' | 'seq'>;

/** What the status says of a write that is not acknowledged: a client's error and 503 are refusals, the rest is unknown. */
const notAcknowledged = (status: number): 'refused' | 'unknown' =>
  status === 503 || (status >= 400 && status < 500) ? 'refused' : 'unknown';

/** Writes through the Service until stopped: a row of its own, some updates of it, the next row. */
export async function writer(name: string, client: HttpClient, context: ClientContext): Promise<void> {
  const { stopped, pause } = context;
  let row: Row | undefined;
  for (let turn = 1; !stopped(); turn += 1) {
    row = row === undefined || row.seq >= UPDATES_A_ROW ? await insert(`${name}-${turn}`) : await update(row);
    await pause();
  }

  async function insert(own: string): Promise<Row | undefined> {
    const token = `${TOKEN_PREFIX}${own}`;
    const answer = await send(() => client.call('POST', '/pets', { token, name: own }), 201);
    if (!answer) return undefined;
    const { id } = JSON.parse(answer.body) as { readonly id: number };
    return acknowledged('insert', { token, id, seq: 0 });
  }

  /** The seq rises with every attempt: an attempt whose outcome is unknown cannot be taken for a later one. */
  async function update({ token, id, seq }: Row): Promise<Row> {
    const next = { token, id, seq: seq + 1 };
    const answer = await send(
      () => client.call('PUT', `/pets/${id}`, { name: `${token}-${next.seq}`, seq: next.seq }),
      200,
    );
    return answer ? acknowledged('update', next) : next;
  }

  function acknowledged(kind: AcknowledgedWrite['kind'], row: Row): Row {
    context.writes.add({ channel: 'service', kind, ...row, at: context.now() });
    context.statistics.write({ channel: 'service', result: 'acknowledged' });
    return row;
  }

  async function send(call: () => Promise<HttpAnswer>, expected: number): Promise<HttpAnswer | undefined> {
    const { statistics } = context;
    try {
      const answer = await call();
      const { status, version, sqlstate } = answer;
      if (version !== undefined) statistics.version(version);
      if (status === expected) return answer;
      const reason = [status, sqlstate].filter((part) => part !== undefined).join(' ');
      statistics.write({ channel: 'service', result: notAcknowledged(status), reason });
    } catch (error) {
      // Sent, perhaps done, not answered.
      statistics.write({ channel: 'service', result: 'unknown', reason: reasonOf(error) });
    }
    return undefined;
  }
}
