interface Given {
  readonly version?: string;
  /** Name of the blue instance; that of the Lifecycle without it. */
  readonly blue?: string;
  readonly bucket?: string;
  /** Of a restore in place. */
  readonly restore?: string;
}

/** A small valid lifecycle file. */
export const lifecycleText = (name: string, { version = '1.0', blue = name, bucket, restore }: Given = {}): string => `\
apiVersion: lifecycle.bestie.com/v1alpha1
kind: Lifecycle
metadata:
  name: ${name}
spec:
  application:
    kind: Deployment
    image: quay.io/opdev/bestie
  database: { postgresVersion: 15, storage: 10Gi, user: bestie }
  traffic: { service: ${name} }
  backup:
    repositories:
      - name: repo1
        volume: { storage: 20Gi }
${
  bucket === undefined
    ? ''
    : `      - name: repo2
        s3: { bucket: ${bucket}, endpoint: s3.example.com, region: eu }
        credentials: keys
        encryption: { cipher: aes-256-cbc, secret: cipher }
`
}  blue: { name: ${blue}, version: "${version}" }
${
  restore === undefined
    ? ''
    : `  restore: { id: ${restore}, mode: InPlace, repository: repo1, target: { time: "2026-11-22T10:00:00Z" } }
`
}`;
