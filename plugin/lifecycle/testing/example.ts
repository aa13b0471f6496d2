/** A valid lifecycle file, as people write them: every section, comments, both styles of YAML. */
export const EXAMPLE = `# How bestie lives
apiVersion: lifecycle.bestie.com/v1alpha1
kind: Lifecycle
metadata:
  name: bestie
spec:
  application:
    kind: Deployment # needs no operator
    image: quay.io/opdev/bestie
    replicas: 3
    maxReplicas: 10
    migrations: { command: [flask, db, upgrade] }
    podTemplate: {}
    preview: { env: [] }
  database:
    postgresVersion: 15
    storage: 10Gi
    user: bestie
    parameters: {}
    spec: {}
  traffic: { service: bestie, port: 80 }
  backup:
    repositories:
      - name: repo1
        volume: { storage: 20Gi }
        schedules: { full: "0 1 * * 0" }
        retention: { full: 2, fullType: count, differential: 6 }
      - name: repo2
        s3: { bucket: backups, endpoint: s3.eu-west-1.amazonaws.com, region: eu-west-1 }
        credentials: bestie-s3
    onDemand: { id: before-audit, repository: repo1 }
  blue: { name: bestie, version: "1.3" } # serves now
  green:
    name: bestie2
    version: "1.4"
    stage: Prepare # then Switch
`;

export type Replacement = readonly [search: string, replacement: string];

/** The example with pieces of its text replaced. Throws when there is nothing to replace. */
export function example(...replacements: readonly Replacement[]): string {
  return replacements.reduce((text, [search, replacement]) => {
    if (!text.includes(search)) throw new Error(`the text has no ${JSON.stringify(search)}`);
    return text.replace(search, () => replacement);
  }, EXAMPLE);
}

/** The example at rest: without green. */
export function exampleAtRest(...replacements: readonly Replacement[]): string {
  const text = example(...replacements);
  return text.slice(0, text.indexOf('  green:'));
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
