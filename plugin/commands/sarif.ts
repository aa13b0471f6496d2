import { createHash } from 'node:crypto';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import { ERRORS } from '../errors/errors.ts';
import type { Problem, ProblemCode } from '../lifecycle/problem.ts';
import { visible } from '../review/visible.ts';
import { VERSION } from './version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * Problems as SARIF 2.1.0, for code scanning and editors.
 * @param problems whose files are paths from the root of the repository, with "/"
 */
export function sarif(problems: readonly Problem[]): string {
  const codes = [...new Set(problems.map(({ code }) => code))].sort();
  const occurrences = new Map<string, number>();
  const results = problems.map((problem): Result => {
    const { code, file, line, column, path, detail, remedy } = problem;
    const same = [code, file, path, detail].join('\0');
    const count = (occurrences.get(same) ?? 0) + 1;
    occurrences.set(same, count);
    return {
      ruleId: code,
      ruleIndex: codes.indexOf(code),
      level: 'error',
      message: { text: messageText(`${path === '' ? '' : `${path}: `}${detail}; ${remedy}`) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(file), uriBaseId: 'SRCROOT' },
            region: { startLine: line, startColumn: column },
          },
          ...(path !== '' && { logicalLocations: [{ fullyQualifiedName: path }] }),
        },
      ],
      // Not of its line: that changes with what stands above.
      partialFingerprints: { 'lifecycleProblem/v1': createHash('sha256').update(`${same}\0${count}`).digest('hex') },
    };
  });
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lifecycle', semanticVersion: VERSION, rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf(id: ProblemCode): ReportingDescriptor {
  const { title, remedy } = ERRORS[id];
  return {
    id,
    shortDescription: { text: sentence(title) },
    help: { text: `${sentence(title)} What to do: ${remedy}.` },
    defaultConfiguration: { level: 'error' },
  };
}

/** A message may hold links, which no file is to make. */
const messageText = (text: string): string => visible(text).replaceAll('](', '] (');

const sentence = (clause: string): string => `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;

/** A relative reference: no part of it is a scheme, a query or a fragment. */
const uriOf = (file: string): string => file.toWellFormed().split('/').map(encodeURIComponent).join('/');
