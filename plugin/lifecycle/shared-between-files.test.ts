import { describe, expect, it } from '@jest/globals';
import { readLifecycle } from './parse.ts';
import { formatProblem } from './problem.ts';
import { sharedBetweenFiles, type ReadFile } from './shared-between-files.ts';

const file = (name: string, repository: string, blue = 'name: bestie, version: "1.3"'): ReadFile => {
  const text = `apiVersion: lifecycle.bestie.com/v1alpha1
kind: Lifecycle
metadata: { name: shop }
spec:
  application: { kind: Deployment, image: registry.example.com/shop, port: 8000, readinessPath: /ready }
  database: { provider: crunchy, postgresVersion: 15, storage: 1Gi, user: shop }
  traffic: { service: shop, port: 80 }
  backup:
    repositories:
      - { name: repo1, ${repository}, schedules: { full: 0 1 * * 0 }, retention: { full: 2 } }
  blue: { ${blue} }
`;
  const read = readLifecycle(Buffer.from(text), name);
  if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'));
  return { file: name, ...read };
};

const s3 = (bucket: string, path = '/prod'): string =>
  `credentials: shop-backups, path: ${path}, s3: { bucket: ${bucket}, endpoint: s3.example.com, region: eu }`;
const problems = (...files: readonly ReadFile[]): readonly string[] => sharedBetweenFiles(files).map(formatProblem);

describe('what two files have in common', () => {
  it('one bucket and path: both are told, and where the other is', () => {
    expect(problems(file('a/lifecycle.yaml', s3('backups')), file('b/lifecycle.yaml', s3('backups')))).toEqual([
      expect.stringMatching(
        /^a\/lifecycle.yaml:11:17: spec.blue.name: repositories-share-path: blue in repo1 of b\/lifecycle.yaml has the same/,
      ),
      expect.stringMatching(/^b\/lifecycle.yaml:11:17: .*: blue in repo1 of a\/lifecycle.yaml has the same/),
    ]);
  });

  it('a written path that was copied with the file', () => {
    const blue = 'name: bestie, version: "1.3", repositoryPaths: { repo1: /prod/shop/bestie/1a/repo1 }';
    expect(problems(file('a', s3('backups'), blue), file('b', s3('backups', '/staging'), blue))).toHaveLength(2);
  });

  it('another bucket, path, endpoint or storage account is another place', () => {
    const azure = 'credentials: shop-backups, path: /prod, azure: { container: backups }';
    expect(
      problems(
        file('a', s3('backups')),
        file('b', s3('others')),
        file('c', s3('backups', '/staging')),
        file('d', s3('backups').replace('s3.example.com', 's3.example.org')),
        file('e', azure),
        file('f', azure),
        file('g', 'volume: { storage: 1Gi }'),
        file('h', 'volume: { storage: 1Gi }'),
      ),
    ).toEqual([]);
  });
});
