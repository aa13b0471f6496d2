import { LOAD_IMAGE } from './image.ts';

export const POD = 'load';
export const PORT = 8090;

export interface LoadOptions {
  readonly namespace: string;
  /** The Service that the clients go through, and its port. */
  readonly service: string;
  readonly port: number;
  readonly writers: number;
  readonly readers: number;
  /** Write straight to the database of `databaseSecret`, round its read-only default. */
  readonly overriders: number;
  /** The operator's Secret of the application's role on blue: `<cluster>-pguser-<user>`. */
  readonly databaseSecret: string;
}

/** Environment variable by key of the operator's Secret. */
const DATABASE = { host: 'DB_ADDR', port: 'DB_PORT', dbname: 'DB_DATABASE', user: 'DB_USER', password: 'DB_PASSWORD' };

/** The pod that runs the load; `/tmp` keeps the acknowledged writes. */
export function loadPod(options: LoadOptions): object {
  const { namespace, service, port, writers, readers, overriders, databaseSecret } = options;
  const numbers = { LOAD_WRITERS: writers, LOAD_READERS: readers, LOAD_OVERRIDERS: overriders, LOAD_PORT: PORT };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: POD, namespace, labels: { app: POD } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: POD,
          image: LOAD_IMAGE,
          env: [
            { name: 'LOAD_TARGET', value: `http://${service}:${port}` },
            ...Object.entries(numbers).map(([name, value]) => ({ name, value: String(value) })),
            ...(overriders === 0
              ? []
              : Object.entries(DATABASE).map(([key, name]) => ({
                  name,
                  valueFrom: { secretKeyRef: { name: databaseSecret, key } },
                }))),
          ],
          ports: [{ name: 'control', containerPort: PORT }],
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [{ name: 'writes', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'writes', emptyDir: {} }],
    },
  };
}
