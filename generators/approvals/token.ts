import { signApproval } from '../../plugin/approval/sign.ts';
import type { Claims } from '../../plugin/approval/claims.ts';
import type { PrivateKey } from '../../plugin/approval/key-schema.ts';

export interface Given {
  readonly cluster: string;
  readonly namespace: string;
  readonly lifecycle: string;
  readonly request: string;
  readonly approvers: readonly string[];
  /** `owner/name#12` */
  readonly pullRequest: string;
  /** When it was approved, or merged where that was later. */
  readonly at: Date;
  readonly until: Date;
}

/** The same facts are the same token, whenever and by whichever replica it is signed (ADR 26). */
export function tokenOf(given: Given, key: PrivateKey): Promise<string> {
  const { cluster, namespace, lifecycle, request, approvers, pullRequest, at, until } = given;
  const claims: Claims = {
    aud: cluster,
    sub: `${namespace}/${lifecycle}`,
    request,
    approvers: [...approvers],
    pullRequest,
    iat: seconds(at),
    exp: seconds(until),
  };
  return signApproval(claims, key);
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
