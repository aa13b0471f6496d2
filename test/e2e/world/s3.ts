import { createBucket, ENDPOINT, REGION } from '../../lab/s3/place.ts';
import { SECRETS } from '../../lab/s3/secrets.ts';

/** A repository of a lifecycle file in the lab's S3, encrypted. Its bucket is made, its Secrets are not. */
export function s3Repository(name: string, bucket: string): Readonly<Record<string, unknown>> {
  createBucket(bucket);
  return {
    name,
    s3: { bucket, endpoint: ENDPOINT, region: REGION, uriStyle: 'path', ca: { secret: SECRETS.ca } },
    credentials: SECRETS.credentials,
    encryption: { cipher: 'aes-256-cbc', secret: SECRETS.cipher },
    retention: { full: 2 },
  };
}
