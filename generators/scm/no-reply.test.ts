import { expect, test } from '@jest/globals';
import { noReplyDomainOf } from './no-reply.ts';

test.each([
  ['github', 'https://api.github.com', 'users.noreply.github.com'],
  ['github', 'https://github.example.com/api/v3', 'users.noreply.github.example.com'],
  ['github', 'https://api.octo.ghe.com', 'users.noreply.octo.ghe.com'],
  ['gitlab', 'https://gitlab.com', 'users.noreply.gitlab.com'],
  ['gitlab', 'https://gitlab.example.com:8443/', 'users.noreply.gitlab.example.com'],
  ['gitea', 'https://gitea.example.com', 'noreply.gitea.example.com'],
] as const)('%s at %s gives addresses of %s', (kind, api, domain) => {
  expect(noReplyDomainOf(kind, api)).toBe(domain);
});
