import type { Document } from 'yaml';
import type { Finding } from '../finding.ts';
import { pathAt } from './locate.ts';

/**
 * Credentials that can be told from their form, wherever they stand, comments included. Repetitions are bounded, so
 * that a hostile file is read in linear time. `$(NAME)` is Kubernetes' way to refer to a variable, and no secret.
 */
const FORMS: readonly { readonly what: string; readonly form: RegExp }[] = [
  { what: 'a private key', form: /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY/g },
  {
    what: 'a URL with a password',
    form: /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"'$]{0,128}:(?!\$\()[^\s/@"']{1,256}@/gi,
  },
  { what: 'an AWS access key', form: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { what: 'a GitHub token', form: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})/g },
  { what: 'a GitLab token', form: /\bglpat-[A-Za-z0-9_-]{20}/g },
  { what: 'a Slack token', form: /\bxox[abprs]-[A-Za-z0-9-]{10}/g },
  { what: 'a JSON Web Token', form: /\beyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10}/g },
];

/** More of them than a report holds are not looked for. */
const MAX_SECRETS = 100;

/** Whether findSecrets would find any. */
export const holdsSecret = (text: string): boolean => FORMS.some(({ form }) => text.search(form) !== -1);

export function findSecrets(text: string, document: Document): readonly Finding[] {
  return FORMS.flatMap(({ what, form }) =>
    firstMatches(text, form).map((offset): Finding => {
      return { code: 'secret-in-file', path: pathAt(document, offset), detail: `this is ${what}`, offset };
    }),
  );
}

function firstMatches(text: string, form: RegExp): readonly number[] {
  const found: number[] = [];
  for (const { index } of text.matchAll(form)) {
    found.push(index);
    if (found.length === MAX_SECRETS) break;
  }
  return found;
}
