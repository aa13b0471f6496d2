/** A message of PostgreSQL's protocol, and the statement that it begins, if any. */
export interface Message {
  readonly bytes: Buffer;
  readonly statement: string | undefined;
}

const [QUERY, PARSE] = [0x51, 0x50];

/** Takes a client's stream apart, as far as its statements need it: each message has its length at its beginning. */
export class Messages {
  #rest: Buffer = Buffer.alloc(0);
  /** Which of our programs the client is: undefined before its first message, which is the only one without a type. */
  #program: string | undefined;

  /** @returns the messages that are whole by now. */
  read(chunk: Buffer): readonly Message[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    for (;;) {
      const typed = this.#program === undefined ? 0 : 1;
      if (this.#rest.length < typed + 4) return messages;
      const length = typed + this.#rest.readInt32BE(typed);
      if (this.#rest.length < length) return messages;
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      messages.push({ bytes, statement: this.#statementOf(bytes) });
    }
  }

  #statementOf(bytes: Buffer): string | undefined {
    if (this.#program === undefined) {
      this.#program = programOf(bytes);
      return `${this.#program}: connect`;
    }
    if (bytes[0] === QUERY) return `${this.#program}: ${nameOf(texts(bytes, 5)[0])}`;
    // Its first text is the name of a prepared statement.
    if (bytes[0] === PARSE) return `${this.#program}: ${nameOf(texts(bytes, 5)[1])}`;
    return undefined;
  }
}

const texts = (bytes: Buffer, from: number): readonly string[] => bytes.subarray(from).toString('utf8').split('\0');

/** After length and version, names and values in turn. */
function programOf(startup: Buffer): string {
  const parameters = texts(startup, 8);
  const name = parameters[parameters.indexOf('application_name') + 1] ?? '';
  return name.replace(/^lifecycle-/, '').replace(/-[^-]*$/, '');
}

/** The same statement in every run: without pids, transaction ids and times. */
const nameOf = (sql = ''): string => sql.replaceAll(/\s+/g, ' ').replaceAll(/\d+/g, '#').trim();
