import { when, type Rule } from './rule.ts';

export const replicas: Rule = ({ spec }) => {
  const { replicas: wanted = 1, maxReplicas } = spec?.application ?? {};
  return when(maxReplicas !== undefined && wanted > maxReplicas, () => ({
    code: 'replicas-exceed-max',
    path: ['spec', 'application', 'maxReplicas'],
    detail: `replicas is ${wanted}`,
  }));
};
