import type { LifecycleSpec } from './model.ts';
import type { Decision, Status } from './status.ts';

/** What is to serve after a switch. */
type Successor = Pick<NonNullable<LifecycleSpec['green']>, 'name' | 'version' | 'attempt'>;

/**
 * Why green is not yet the instance that serves, for good: until then the file still has to describe the switch, because
 * its steps (a commit that is rolled forward, blue that is closed, green's first backup) are those of this file.
 * @returns a clause; undefined when the switch was confirmed
 */
export function unconfirmed(status: Status, blue: string, green: Successor): string | undefined {
  const decision = committed(status, blue, green);
  const what = `the switch from ${blue} to ${green.name}, attempt ${green.attempt},`;
  if (decision === undefined) return `${what} is not on record as committed`;
  if (decision.blueClosed === undefined) return `${what} is committed, but ${blue} is not closed yet`;
  const { serving } = status;
  if (serving?.instance !== green.name || serving.version !== green.version) {
    return `${serving ? `${serving.instance} ${serving.version}` : 'nothing'} serves, says the saved Lifecycle`;
  }
  const confirm = status.steps?.find(({ digest, step }) => digest === decision.digest && step === 'confirm');
  if (confirm?.state === 'Done') return undefined;
  const reason = confirm?.reason === undefined ? '' : `: ${confirm.reason}`;
  return `${what} is committed, but confirm is ${confirm?.state ?? 'not on record'}${reason}`;
}

/** The same of what was restored beside, at the version that fits it. */
export function unconfirmedBeside(status: Status, { blue, restore }: LifecycleSpec): string | undefined {
  const { name = '', attempt = 1, applicationVersion: version = blue.version } = restore ?? {};
  return unconfirmed(status, blue.name, { name, version, attempt });
}

/** The same of a restore in place: only its own steps put the application and the clients back. */
export function unconfirmedRestore(
  { steps = [], restores = [], serving }: Status,
  spec: LifecycleSpec,
): string | undefined {
  const { blue, restore } = spec;
  const record = restores.find(({ id }) => id === restore?.id);
  const what = `restore ${restore?.id ?? ''}`;
  if (record?.state !== 'Restored') return `${what} is ${record?.state ?? 'not on record'}`;
  const version = restore?.applicationVersion ?? blue.version;
  if (serving?.instance !== blue.name || serving.version !== version) {
    return `${serving ? `${serving.instance} ${serving.version}` : 'nothing'} serves, says the saved Lifecycle`;
  }
  if (record.clientsBackAt === undefined) return `${what} is done, but clients are not back yet`;
  const confirm = steps.findLast(({ digest, step }) => digest === record.digest && step === 'confirm');
  return confirm?.state === 'Done' ? undefined : `${what} is done, but confirm is ${confirm?.state ?? 'not on record'}`;
}

function committed({ decision, history = [] }: Status, blue: string, green: Successor): Decision | undefined {
  return [decision, ...history].find(
    (each) =>
      each?.state === 'Committed' && each.blue === blue && each.green === green.name && each.attempt === green.attempt,
  );
}
