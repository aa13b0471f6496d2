import { COLLECTION_STYLE, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';

/**
 * The value of a plain piece of YAML, by the quicker of two libraries, which gives no positions. Only where nothing is in it that two readers of
 * YAML could read in different ways, or that a lifecycle file must not hold: no anchors, aliases, tags or directives; every scalar and every flow
 * collection in one line; no escapes; plain scalars only where they are surely words, whole numbers or true and false. All else is undefined,
 * and for plugin/lifecycle/parse.ts to read, which also says what is wrong.
 */
export function quickValue(text: string): { readonly value: unknown } | undefined {
  if (text.length > MAX_LENGTH || DOUBTFUL.test(text)) return undefined;
  try {
    return new Builder(text, parseEvents(text, { maxDepth: MAX_DEPTH })).document();
  } catch {
    return undefined;
  }
}

const MAX_LENGTH = 65_536;
const MAX_DEPTH = 32;
const MAX_KEY = 128;
/** Line ends of other kinds, tabs, a comment that stands close to a value, lines that may begin another document or a directive. */
const DOUBTFUL = /[^\n\P{Cc}]|[\u2028\u2029\uFEFF]|[^\s#]#|^(?:%|\.\.\.)|\n(?:%|---|\.\.\.)/u;

const INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;
const WORD = /^[A-Za-z/][A-Za-z0-9_./-]*(?::[0-9]{1,5})?$/;
const QUANTITY = /^[1-9][0-9]*(?:Ki|Mi|Gi|Ti|Pi|s|m|h|d)$/;
const RESERVED = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

type Event = ReturnType<typeof parseEvents>[number];
type Scalar = Extract<Event, { valueStart: number }>;

/** Thrown where the other reader is to look. */
class Doubt extends Error {}

function doubt(): never {
  throw new Doubt();
}

class Builder {
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;
  /** Behind what was read last. */
  #cursor = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  document(): { readonly value: unknown } {
    const start = this.#take();
    if (start.type !== EVENT_ID.DOCUMENT || start.directives.length > 0 || start.explicitEnd) doubt();
    if (start.explicitStart && !this.#text.startsWith('---\n')) doubt();
    const value = this.#value(this.#take(), false);
    if (this.#take().type !== EVENT_ID.POP || this.#next !== this.#events.length) doubt();
    return { value };
  }

  #take(): Event {
    return this.#events[this.#next++] ?? doubt();
  }

  #value(event: Event, inFlow: boolean): unknown {
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event);
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        break;
      default:
        return doubt();
    }
    if (event.anchorStart !== -1 || event.tagStart !== -1) doubt();
    const flow = event.style === COLLECTION_STYLE.FLOW;
    if (inFlow && !flow) doubt();
    if (flow) this.#cursor = event.start + 1;
    const value = event.type === EVENT_ID.MAPPING ? this.#mapping(flow) : this.#sequence(flow);
    if (!flow) return value;
    const end = this.#closing();
    if (this.#text.slice(event.start, end).includes('\n')) doubt();
    this.#cursor = end;
    return value;
  }

  #mapping(flow: boolean): unknown {
    const value: Record<string, unknown> = {};
    for (let event = this.#take(); event.type !== EVENT_ID.POP; event = this.#take()) {
      if (event.type !== EVENT_ID.SCALAR) doubt();
      const key = this.#scalar(event);
      if (typeof key !== 'string' || key.length > MAX_KEY || key === '__proto__' || Object.hasOwn(value, key)) doubt();
      value[key] = this.#value(this.#take(), flow);
    }
    return value;
  }

  #sequence(flow: boolean): unknown {
    const value: unknown[] = [];
    for (let event = this.#take(); event.type !== EVENT_ID.POP; event = this.#take())
      value.push(this.#value(event, flow));
    return value;
  }

  #scalar(scalar: Scalar): unknown {
    const { valueStart, valueEnd, style } = scalar;
    if (scalar.anchorStart !== -1 || scalar.tagStart !== -1 || valueStart < 0) doubt();
    const raw = this.#text.slice(valueStart, valueEnd);
    if (raw.includes('\n')) doubt();
    this.#cursor = valueEnd;
    if (style === SCALAR_STYLE.PLAIN) return plain(raw);
    if (style !== SCALAR_STYLE.SINGLE_QUOTED && style !== SCALAR_STYLE.DOUBLE_QUOTED) doubt();
    if (/['"\\]/.test(raw)) doubt();
    return getScalarValue(this.#text, scalar);
  }

  /** Behind the bracket that closes what was read last. */
  #closing(): number {
    const bracket = /[\]}]/g;
    bracket.lastIndex = this.#cursor;
    return bracket.test(this.#text) ? bracket.lastIndex : doubt();
  }
}

function plain(raw: string): unknown {
  if (INTEGER.test(raw)) return Number(raw);
  if (raw === 'true' || raw === 'false') return raw === 'true';
  if ((WORD.test(raw) && !RESERVED.test(raw)) || QUANTITY.test(raw)) return raw;
  return doubt();
}
