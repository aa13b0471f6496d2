import { digestOf } from './digest.ts';
import type { StepRequest } from './step-request.ts';
import { isBeside } from './steps.ts';

/**
 * What an approver signs: all that is irreversible in a request, with the objects that it is done to, and its id, so that the same thing asked for again is approved again.
 * Over the steps' request, which the destructive step has too and compares; not over how often it is tried.
 * @returns SHA-256, 64 hexadecimal characters
 */
export function approvalDigest({ plan, lifecycle, blue, green, restore }: StepRequest): string {
  const what = isBeside(plan) ? { mode: 'Clone', restored: green } : { mode: 'InPlace' };
  return digestOf({ plan, lifecycle, instance: blue, ...what, restore }, 64);
}

/** The requests of which an approval lets this one go on: who approved a switch to what is restored approved that it stands beside. */
export function approvable(request: StepRequest): readonly string[] {
  const own = approvalDigest(request);
  return request.plan === 'RestoreBeside' ? [own, approvalDigest({ ...request, plan: 'SwitchRestored' })] : [own];
}
