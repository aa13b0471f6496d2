import { builtInTemplates } from '../plugin/commands/built-in-templates.ts';
import { parseLifecycle } from '../plugin/lifecycle/parse.ts';
import { bytes, example, exampleAtRest, type Replacement } from '../plugin/lifecycle/testing/example.ts';
import { buildPlan } from '../plugin/plan/plan.ts';
import { renderObjects } from '../plugin/render/render.ts';
import { readYaml, type Template, type Templates } from '../plugin/render/templates.ts';

const BESTIE: Replacement = ['kind: Deployment', 'kind: Bestie'];
const SWITCH: Replacement = ['stage: Prepare', 'stage: Switch'];
const FILES = [
  ...[exampleAtRest(), example(), example(SWITCH)],
  ...[exampleAtRest(BESTIE), example(BESTIE), example(BESTIE, SWITCH)],
];

/** What the built-in templates render to in plans of every kind, and how that reads; both hold placeholders for values. */
export function usualTexts(): readonly (readonly [text: string, value: unknown])[] {
  const texts = new Set<string>();
  const templates = recording(builtInTemplates(), texts);
  for (const file of FILES) {
    const result = parseLifecycle(bytes(file), 'example');
    if (!result.ok) throw new Error(result.problems.map(({ detail }) => detail).join('; '));
    renderObjects(
      buildPlan(result.lifecycle),
      { stepImage: 'image', apiVersions: ['monitoring.coreos.com/v1'] },
      templates,
    );
  }
  return [...texts].map((text) => [text, readYaml(text)]);
}

function recording(templates: Templates, texts: Set<string>): Templates {
  const record =
    (template: Template): Template =>
    (data, json) => {
      const text = template(data, json);
      texts.add(text);
      return text;
    };
  const entries = Object.entries(templates as Readonly<Record<string, Template>>);
  return Object.fromEntries(entries.map(([name, template]) => [name, record(template)])) as unknown as Templates;
}
