import { digestOf } from './digest.ts';
import type { StepRequest } from './step-request.ts';

/**
 * What an approver signs: all that is irreversible in a request, with the objects that it is done to, and its id, so that the same thing asked for again is approved again.
 * Over the steps' request, which the destructive step has too and compares; not over how often it is tried.
 * @returns SHA-256, 64 hexadecimal characters
 */
export function approvalDigest({ plan, lifecycle, blue, restore }: StepRequest): string {
  return digestOf({ plan, lifecycle, instance: blue, mode: 'InPlace', restore }, 64);
}
