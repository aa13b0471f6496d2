import { expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { Load, missing, type Target } from '../../../test/lab/postgres/load.ts';
import { Switch, until } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { abort } from './abort/abort.ts';
import { commit } from './commit/commit.ts';

jest.setTimeout(180_000);

const template = useTemplate();

/** 4 writers and 2 readers that follow the Service, 3 overriders on blue, one for each way to override. */
function start(it: Switch, greenOnce: () => Instance | undefined): Load {
  const load = new Load();
  const traffic: Target = () => (it.namespace.serves('bestie') === 'bestie' ? it.blue : greenOnce());
  for (const name of ['w0', 'w1', 'w2', 'w3']) load.writer(name, traffic);
  for (const way of ['session', 'transaction', 'options'] as const) load.overrider(way, () => it.blue, way);
  load.reader(traffic);
  load.reader(traffic);
  return load;
}

test('a commit under load: no acknowledged write is missing on green, none came after the restore point', async () => {
  const it = await Switch.open(template());
  let green: Instance | undefined;
  const load = start(it, () => green);
  try {
    await until('there are writes', () => load.acknowledged.length > 100, 60);
    await it.fenced();
    const lockedAt = Date.parse(it.decision.fence?.lockedAt ?? '');
    green = await it.green();
    await commit(it.context());
    const onGreen = (): number => load.acknowledged.filter(({ server }) => server === 'bestie2').length;
    await until('green takes writes', () => onGreen() > 50, 60);
    await load.stop();
    expect(load.acknowledged.filter(({ server, at }) => server === 'bestie' && at > lockedAt)).toEqual([]);
    expect(await missing(green, load.acknowledged)).toEqual([]);
    expect(load.failedReads).toEqual([]);
    expect(load.reads).toBeGreaterThan(0);
  } finally {
    await load.stop();
    await it.close();
  }
});

test('an abort under load: none acknowledged inside the window, none missing, everybody writes again', async () => {
  const it = await Switch.open(template());
  const load = start(it, () => undefined);
  try {
    await until('there are writes', () => load.acknowledged.length > 100, 60);
    await it.fenced();
    const lockedAt = Date.parse(it.decision.fence?.lockedAt ?? '');
    await it.clone();
    const abortedFrom = Date.now();
    await abort(it.context());
    const after = (name: string): boolean =>
      load.acknowledged.some(({ writer, at }) => writer === name && at > abortedFrom);
    await until('everybody writes again', () => ['w0', 'w1', 'w2', 'w3', 'session', 'options'].every(after), 60);
    await load.stop();
    expect(load.acknowledged.filter(({ at }) => at > lockedAt && at < abortedFrom)).toEqual([]);
    expect(await missing(it.blue, load.acknowledged)).toEqual([]);
    expect(load.failedReads).toEqual([]);
  } finally {
    await load.stop();
    await it.close();
  }
});
