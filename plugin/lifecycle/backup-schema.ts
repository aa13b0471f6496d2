import { z } from 'zod';
import * as field from './fields.ts';

export const DEFAULT_CA_KEY = 'ca.crt';

const repository = z.strictObject({
  name: field.repositoryName.describe("The operator's name of the repository."),
  volume: z
    .strictObject({
      storage: field.quantity.describe('The size of the volume.'),
      storageClassName: field.objectName.optional().describe("The StorageClass; default the cluster's."),
    })
    .optional()
    .describe('Backups on a volume beside the database.'),
  s3: z
    .strictObject({
      bucket: field.bucketName.describe('The bucket.'),
      endpoint: field.endpoint.describe('The host of the S3 service.'),
      region: field.region.describe('The region of the bucket.'),
      uriStyle: z
        .enum(['host', 'path'])
        .optional()
        .describe('Whether the name of the bucket stands in the host or in the path of an address; default host.'),
      ca: z
        .strictObject({
          secret: field.objectName.optional().describe('The Secret that holds it.'),
          configMap: field.objectName.optional().describe('The ConfigMap that holds it.'),
          key: field.certificateKey
            .default(DEFAULT_CA_KEY)
            .describe('Its key there, and the name of its file in the pods.'),
        })
        .optional()
        .describe("The CA that signs the service's certificates, as PEM, where the database's image does not know it."),
    })
    .optional()
    .describe('Backups in S3 or a service of that interface.'),
  gcs: z
    .strictObject({ bucket: field.bucketName.describe('The bucket.') })
    .optional()
    .describe('Backups in Google Cloud Storage.'),
  azure: z
    .strictObject({ container: field.bucketName.describe('The container.') })
    .optional()
    .describe('Backups in Azure Blob Storage.'),
  path: field.repositoryPath
    .optional()
    .describe('Cloud repositories only: where in the bucket; instance and attempt are added below it.'),
  credentials: field.objectName
    .optional()
    .describe("Cloud repositories only: the Secret with pgBackRest's settings for the login."),
  encryption: z
    .strictObject({
      cipher: z.enum(['aes-256-cbc']).describe('The cipher.'),
      secret: field.objectName.describe('The Secret that sets repoN-cipher-pass.'),
    })
    .optional()
    .describe('Encryption by pgBackRest; it cannot be changed later.'),
  schedules: z
    .strictObject({
      full: field.cron.optional().describe('When full backups are made, as five cron fields.'),
      differential: field.cron.optional().describe('When differential backups are made, as five cron fields.'),
      incremental: field.cron.optional().describe('When incremental backups are made, as five cron fields.'),
    })
    .optional()
    .describe('When backups are made.'),
  retention: z
    .strictObject({
      full: z.int().min(1).max(9999999).describe('How many full backups are kept, or for how many days.'),
      fullType: z.enum(['count', 'time']).default('count').describe('Whether full counts backups or days.'),
      differential: z.int().min(1).max(9999999).optional().describe('How many differential backups are kept.'),
    })
    .optional()
    .describe('What is kept; without it everything is.'),
});

export const backupSchema = z.strictObject({
  repositories: z.array(repository).min(1).max(4).describe('Where backups are kept.'),
  onDemand: z
    .strictObject({
      id: field.dnsLabel.describe('A new id asks for one backup; never used again for another one.'),
      repository: field.repositoryName.describe('The repository that it goes to.'),
      type: field.backupType.default('full').describe('The type of the backup.'),
    })
    .optional()
    .describe('One backup besides the schedule.'),
});
