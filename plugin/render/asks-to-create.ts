import { REQUEST_VARIABLE, type StepRequest } from '../plan/step-request.ts';
import { list, record, type Fields } from './look.ts';
import type { KubernetesObject } from './kubernetes-object.ts';

/** A step's Job whose request says what the step is to make. */
export function asksToCreate(job: KubernetesObject, creates: object): KubernetesObject {
  const spec = record(job['spec']);
  const template = record(spec['template']);
  const pod = record(template['spec']);
  const containers = list(pod['containers']).map((each) => ({
    ...each,
    env: list(each['env']).map((variable) => withCreated(variable, creates)),
  }));
  return { ...job, spec: { ...spec, template: { ...template, spec: { ...pod, containers } } } };
}

function withCreated(variable: Fields, creates: object): Fields {
  if (variable['name'] !== REQUEST_VARIABLE) return variable;
  const request = JSON.parse(String(variable['value'])) as StepRequest;
  return { ...variable, value: JSON.stringify({ ...request, creates }) };
}
