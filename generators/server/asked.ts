import { z } from 'zod';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { explain } from '../../plugin/lifecycle/explain-issue.ts';
import { formatPath, quoteKey } from '../../plugin/lifecycle/finding.ts';
import { valueAt } from '../../plugin/lifecycle/shape.ts';
import { globProblem } from '../config/glob.ts';
import type { Asked } from '../ports.ts';

/** Names of values become keys of a Go template. */
const valueName = z.string().regex(/^[A-Za-z]\w{0,62}$/, 'a name of letters, digits and "_"');

/**
 * The body of getparams.execute. Argo CD passes spec.generators[].plugin.input.parameters as whatever JSON it is; unknown fields are refused,
 * because a misspelt `paths` would otherwise ask for everything.
 */
const schema = z.strictObject({
  applicationSetName: z.string().max(253),
  input: z.strictObject({
    parameters: z.strictObject({
      repoURL: z.string().min(1).max(1024),
      revision: z.string().min(1).max(256),
      paths: z.array(z.string().min(1).max(256)).max(256).default([]),
      values: z.record(valueName, z.string().max(4096)).default({}),
    }),
  }),
});

export interface Call {
  readonly applicationSet: string;
  readonly asked: Asked;
}

/** Most problems that are told of one call. */
const MOST = 5;

/** @throws LifecycleError generator-bad-request, with what is wrong and where */
export function readCall(body: unknown): Call {
  const { success, data, error } = schema.safeParse(body);
  if (!success) throw bad(error.issues.flatMap((issue) => problemsOf(issue, body)));
  const { repoURL, revision, paths, values } = data.input.parameters;
  const globs = paths.flatMap((glob, index) => {
    const problem = globProblem(glob);
    return problem === undefined ? [] : [`input.parameters.paths[${index}]: ${problem}`];
  });
  if (globs.length > 0) throw bad(globs);
  return { applicationSet: data.applicationSetName, asked: { repoURL, revision, paths, values } };
}

const bad = (problems: readonly string[]): LifecycleError =>
  new LifecycleError('generator-bad-request', problems.slice(0, MOST).join(', '));

function problemsOf(issue: z.core.$ZodIssue, body: unknown): readonly string[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const at = path.length === 0 ? 'the body' : formatPath(path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at}: there is no field ${quoteKey(key)}`);
  const found = valueAt(body, path);
  return [`${at}: ${found === undefined ? 'it is missing' : explain(issue, found).detail}`];
}
