import { YAML11_SCHEMA, loadAll } from 'js-yaml';
import { isRecord, type KubernetesObject } from './kubernetes-object.ts';

/**
 * Objects → one YAML stream; read again before it is returned, so that what is printed is what was checked (I2). The reader
 * is another library than elsewhere: it knows the rules of YAML 1.1, and starts four times as fast.
 * A library's serializer is right for one version of YAML, but readers disagree: to Argo CD's, which knows rules of 1.1,
 * `12e4`, `0o7` and `yes` are no strings. So whatever is not clearly a word stands in JSON's quotes, which all read alike.
 */
export function toYaml(objects: readonly KubernetesObject[]): string {
  const text = objects.map((object) => `---\n${block(object, '')}`).join('');
  const documents = loadAll(text, { schema: YAML11_SCHEMA });
  if (!same(documents, objects)) throw new Error('the rendered output does not read back as the same objects');
  return text;
}

function same(read: unknown, meant: unknown): boolean {
  if (Array.isArray(meant))
    return Array.isArray(read) && read.length === meant.length && meant.every((each, index) => same(read[index], each));
  if (!isRecord(meant)) return read === meant;
  const names = Object.keys(meant);
  return (
    isRecord(read) &&
    Object.keys(read).length === names.length &&
    names.every((name) => Object.hasOwn(read, name) && same(read[name], meant[name]))
  );
}

/** Fields of an object, a line or more each. */
function block(object: Readonly<Record<string, unknown>>, indent: string): string {
  return Object.entries(object)
    .map(([key, value]) => `${indent}${scalar(key)}:${after(value, indent)}`)
    .join('');
}

/** What follows `key:`. */
function after(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) return `\n${items(value, `${indent}  `)}`;
  if (isRecord(value) && Object.keys(value).length > 0) return `\n${block(value, `${indent}  `)}`;
  return ` ${scalar(value)}\n`;
}

/** Items of a list; an object's first field stands beside the dash. */
function items(list: readonly unknown[], indent: string): string {
  return list.map((each) => `${indent}- ${item(each, `${indent}  `)}`).join('');
}

function item(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) return items(value, indent).slice(indent.length);
  if (isRecord(value) && Object.keys(value).length > 0) return block(value, indent).slice(indent.length);
  return `${scalar(value)}\n`;
}

/** A word that no YAML reader takes for anything but a string; also image names, paths and label keys. */
const WORD = /^[A-Za-z/][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*$/;
/** Words of YAML 1.1 and 1.2 that are no strings. */
const RESERVED = /^(y|n|yes|no|on|off|true|false|null)$/i;
/** Read as line breaks or not printable in YAML, though JSON leaves them as they are. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function scalar(value: unknown): string {
  if (typeof value === 'string' && WORD.test(value) && !RESERVED.test(value)) return value;
  // To YAML 1.1 1e+21 is a string and 1.0e+21 a number.
  if (typeof value === 'number') return JSON.stringify(value).replace(/^(-?\d+)e/, '$1.0e');
  return JSON.stringify(value).replaceAll(UNPRINTABLE, escaped);
}
