import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { LifecycleError } from '../../../plugin/errors/errors.ts';
import type { SecretSource } from '../../config/schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import type { Inventory } from '../../ports.ts';
import { sameSecret } from '../same-secret.ts';
import type { Page } from './page-runtime.ts';
import { pageData } from './view.ts';

export interface PageParts {
  readonly page: Page;
  readonly password: SecretSource;
  readonly secrets: Secrets;
  readonly inventory: Pick<Inventory, 'view'>;
  readonly now: () => Date;
  readonly version: string;
}

/** `GET /`: behind basic authentication, whatever the user is called. */
export function servePage({ page, password, secrets, inventory, now, version }: PageParts): RequestHandler[] {
  const style = `'sha256-${createHash('sha256').update(page.style).digest('base64')}'`;
  const none = ["'none'"];
  return [
    // Whether it is reached by https is for the ingress to say.
    helmet({
      strictTransportSecurity: false,
      xFrameOptions: { action: 'deny' },
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: none, styleSrc: [style], baseUri: none, formAction: none, frameAncestors: none },
      },
    }),
    (request, response, next) => {
      if (sameSecret(passwordOf(request.headers.authorization), secrets.read(password))) {
        next();
        return;
      }
      response.set('WWW-Authenticate', 'Basic realm="lifecycle generator", charset="UTF-8"');
      throw new LifecycleError('generator-unauthorized', 'the page needs its password', 'log in with the pageToken');
    },
    (_request, response) => {
      const html = page.render(pageData(inventory.view(), { now: now(), version }));
      response.status(200).type('text/html').set('Cache-Control', 'no-store').send(secrets.scrub(html));
    },
  ];
}

/** @returns the empty text, which no secret is, where there is none. */
function passwordOf(authorization: string | undefined): string {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=]{1,4096})$/i.exec(authorization ?? '') ?? [];
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return password;
}
