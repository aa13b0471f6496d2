import type { Lifecycle } from '../../lifecycle/model.ts';
import { lifecycleSchema } from '../../lifecycle/schema.ts';

type Section = Readonly<Record<string, unknown>>;

/** Sections whose fields replace those of the example; `undefined` takes a field out. */
export interface Changes {
  readonly metadata?: Section;
  readonly application?: Section;
  readonly database?: Section;
  readonly backup?: Section;
  readonly blue?: Section;
  readonly green?: Section;
}

/** A lifecycle at rest, kind Deployment, with changes; parsed by the schema only, so that hostile values pass rules. */
export function atRest({ metadata, application, database, backup, blue, green }: Changes = {}): Lifecycle {
  return lifecycleSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'Lifecycle',
    metadata: { name: 'bestie', ...metadata },
    spec: {
      application: {
        kind: 'Deployment',
        image: 'quay.io/opdev/bestie',
        replicas: 3,
        migrations: { command: ['flask', 'db', 'upgrade'] },
        ...application,
      },
      database: { postgresVersion: 15, storage: '10Gi', user: 'bestie', ...database },
      traffic: { service: 'bestie', port: 80 },
      backup: { repositories: [{ name: 'repo1', volume: { storage: '20Gi' } }], ...backup },
      blue: { name: 'bestie', version: '1.3', ...blue },
      ...(green && { green }),
    },
  });
}

const upgrade =
  (stage: 'Prepare' | 'Switch') =>
  (changes: Changes = {}): Lifecycle =>
    atRest({ ...changes, green: { name: 'bestie2', version: '1.4', stage, ...changes.green } });

export const preparing = upgrade('Prepare');
export const switching = upgrade('Switch');
