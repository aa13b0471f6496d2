import { isRecord } from './kubernetes-object.ts';

/** Plain in every YAML context: plain, quoted and block scalars, keys, comments. */
const TOKEN = /__value_(\d+)__/g;
const WHOLE = /^__value_(\d+)__$/;

interface Placeholders {
  /** Keeps a value and returns what stands for it in the template's text. */
  readonly json: (value: unknown) => string;
  /** Puts the values where their placeholders stand in what was parsed. */
  readonly resolve: (parsed: unknown) => unknown;
}

export function placeholders(): Placeholders {
  const values: unknown[] = [];
  const valueOf = (index: string | undefined): unknown => values[Number(index)];
  const text = (token: string, index: string): string => {
    const value = valueOf(index);
    if (value === undefined) throw new Error(`the template holds ${token}, which is reserved`);
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) throw new Error('an object or a list stands inside a text');
    return JSON.stringify(value);
  };
  const resolve = (parsed: unknown): unknown => {
    if (typeof parsed === 'string') {
      const whole = WHOLE.exec(parsed);
      if (whole && valueOf(whole[1]) !== undefined) return valueOf(whole[1]);
      return parsed.replace(TOKEN, text);
    }
    if (Array.isArray(parsed)) return parsed.map(resolve);
    if (!isRecord(parsed)) return parsed;
    return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key.replace(TOKEN, text), resolve(value)]));
  };
  const json = (value: unknown): string => {
    if (value === undefined) throw new Error('{{json …}} names a value that there is not');
    return `__value_${values.push(plain(value)) - 1}__`;
  };
  return { json, resolve };
}

/** JSON's view of a value: fields that are undefined are gone. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
