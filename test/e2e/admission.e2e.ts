import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ANNOTATION, LABEL, instanceSelector } from '../../plugin/plan/labels.ts';
import { kustomizeBase } from '../lab/argocd/kustomize.ts';
import { apply, getObject, kubectl } from '../lab/kubectl.ts';
import { PROJECT } from '../lab/paths.ts';
import {
  ACCESS,
  ARGOCD,
  BROKEN,
  CLONE,
  RESTORE,
  DIGEST,
  EVE,
  NAMESPACE,
  NOW,
  PGO,
  SERVING,
  SOURCE,
  application,
  cluster,
  decision,
  lifecycle,
  restoredBeside,
  restoring,
  selecting,
  service,
  slice,
  volume,
  type Meta,
} from './admission/objects.ts';
import {
  asAccount,
  restoreStatus,
  deleteNamespace,
  expectAllowed,
  expectRefused,
  expectRefusedSoon,
  inNamespace,
  patch,
  remove,
  select,
  setStatus,
} from './admission/requests.ts';

// Some ask the API server dozens of times, each by a kubectl of its own.
jest.setTimeout(120_000);

/**
 * The admission policies in the real API server, asked with kubectl as cluster-admin, as the stock role edit, as
 * Argo CD and as a step (invariants I4, I5, I7, I12).
 */
beforeAll(async () => {
  if ((await kubectl(['get', 'namespace', NAMESPACE, '--ignore-not-found'])) !== '') await deleteNamespace();
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, ...ACCESS]);
  await kubectl(['apply', '--server-side', '-f', `${PROJECT}/test/lab/operator/crd.yaml`]);
  const guards = (await kustomizeBase()).filter(({ metadata, kind }) =>
    metadata.namespace === undefined ? kind !== 'ConfigMap' : false,
  );
  await apply(guards);
  for (const crd of [`postgresclusters.${PGO}`, 'lifecycles.lifecycle.bestie.com']) {
    await kubectl(['wait', '--for=condition=Established', `crd/${crd}`, '--timeout=30s']);
  }
  await expectRefusedSoon('policies in force', () => apply([service({ app: 'other' })]), 'no params found');
}, 180_000);

describe('without any Lifecycle', () => {
  it('nothing is made that a Lifecycle would have to allow', async () => {
    await expectRefused(apply([selecting('bestie')]), 'no params found');
    await expectRefused(apply([cluster('bestie2-pgo', 'green', { dataSource: SOURCE })]), 'no params found');
  });
});

describe('I4: the traffic Service', () => {
  beforeAll(async () => {
    await apply([lifecycle('bestie'), lifecycle('other')]);
    await expectAllowed('the first Service', () => apply([selecting('bestie')]));
  });

  it('is made for the file’s blue while nothing is recorded, and for nothing else', async () => {
    await expectRefused(
      apply([selecting('bestie2')]),
      'I4: the traffic Service of Lifecycle bestie selects exactly instance',
    );
  });

  it('never selects everything, nothing, more, or less than one instance', async () => {
    const selectors = [
      {},
      { app: 'bestie' },
      { [LABEL.lifecycle]: 'bestie' },
      { ...instanceSelector('bestie', 'bestie'), more: '1' },
    ];
    for (const selector of selectors) await expectRefused(select(selector), 'I4');
    await expectRefused(patch('service', 'bestie', { spec: { selector: null } }), 'I4');
    await expectRefused(patch('service', 'bestie', { spec: { selector: { [LABEL.instance]: 'bestie2' } } }), 'I4');
  });

  it.each([
    [LABEL.service, null],
    [LABEL.service, 'internal'],
    [LABEL.lifecycle, null],
    [LABEL.lifecycle, 'other'],
  ])('keeps its label %s, which may not become %s', async (label, value) => {
    const change = { metadata: { labels: { [label]: value } } };
    await expectRefused(patch('service', 'bestie', change), 'I4');
  });

  it('is off from the pause of a restore on, and may be on again at any time', async () => {
    const off = { ...instanceSelector('bestie', 'bestie'), [LABEL.paused]: 'r1' };
    await expectRefused(select(off), 'I4');
    await setStatus({ restores: [{ ...RESTORE, state: 'Requested' }] });
    await expectAllowed('clients off', () => select(off));
    for (const more of [{ [LABEL.paused]: 'r2' }, { [LABEL.instance]: 'bestie2' }, { more: '1' }]) {
      await expectRefused(select({ ...off, ...more }), 'I4');
    }
    await setStatus({ restores: [{ ...RESTORE, state: 'Restored' }] });
    await patch('service', 'bestie', { metadata: { labels: { unrelated: 'change' } } });
    // As Argo CD does it: the field is its own again.
    const turnOn = (): Promise<string> =>
      kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(selecting('bestie')));
    await turnOn();
    await expectRefusedSoon('over', () => select(off).then(turnOn), 'I4');
    await setStatus({ restores: null });
  });

  it('may be tried out: a dry run stores nothing', async () => {
    const change = { spec: { selector: { [LABEL.instance]: 'bestie2' } } };
    await expect(patch('service', 'bestie', change, '--dry-run=server')).resolves.toContain('patched');
    await kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], JSON.stringify(selecting('bestie2')));
    const live = await getObject<{ spec: { selector: Meta } }>('service', 'bestie', NAMESPACE);
    expect(live?.spec.selector[LABEL.instance]).toBe('bestie');
  });

  it('stays on what serves until the switch is committed, then moves, then never moves back', async () => {
    await setStatus(SERVING);
    for (const state of ['Open', 'Fenced', 'Aborted']) {
      await setStatus(decision(state));
      await expectRefused(apply([selecting('bestie2')]), 'until a switch is committed');
    }
    await setStatus(decision('Fenced'));
    await setStatus(decision('Committed'));
    await expectAllowed('the flip', () => apply([selecting('bestie2')]));
    await expectRefused(apply([selecting('bestie')]), 'going back is a new switch with bestie2 as blue');
  });

  it('is not deleted while an instance serves', async () => {
    await expectRefused(remove('service', 'bestie'), 'I4: clients use this Service');
  });

  it('keeps every field that moves traffic, for an administrator, an editor and Argo CD', async () => {
    const changes = [
      { type: 'ExternalName', externalName: 'elsewhere.example.com' },
      { externalIPs: ['192.0.2.1'] },
      { publishNotReadyAddresses: true },
      { internalTrafficPolicy: 'Local' },
      { type: 'LoadBalancer', loadBalancerIP: '192.0.2.1' },
      { ports: [{ name: 'http', port: 80, targetPort: 9999 }] },
      { ports: [{ name: 'http', port: 81, targetPort: 'http' }] },
    ];
    for (const spec of changes) {
      for (const who of [[], [EVE], [ARGOCD]]) {
        await expectRefused(
          patch('service', 'bestie', { spec }, ...who),
          'I4: the traffic Service of Lifecycle bestie sends',
        );
      }
    }
    await patch(
      'service',
      'bestie',
      { metadata: { annotations: { 'example.com/note': 'a change that moves nothing' } } },
      EVE,
    );
    await kubectl(
      ['apply', '--server-side', '--force-conflicts', ARGOCD, '-f', '-'],
      JSON.stringify(selecting('bestie2')),
    );
  });

  it('sends clients nowhere else by an EndpointSlice or Endpoints of its name', async () => {
    for (const who of [EVE, ARGOCD]) {
      await expectRefused(
        kubectl(['apply', '-f', '-', who], JSON.stringify(slice('bestie'))),
        'I4: only the system says',
      );
    }
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'bestie', namespace: NAMESPACE },
      subsets: [],
    };
    await expectRefused(apply([endpoints]), 'I4: only the system says');
    await kubectl(['apply', '-f', '-', EVE], JSON.stringify(slice('unguarded')));
    const rename = { metadata: { labels: { 'kubernetes.io/service-name': 'bestie' } } };
    await expectRefused(patch('endpointslice', 'elsewhere', rename, EVE), 'I4: only the system says');
  });
});

describe('I12: the break-glass annotation', () => {
  const away = (reason: string | null): unknown => ({
    metadata: { annotations: { [ANNOTATION.breakGlass]: reason } },
    spec: { selector: instanceSelector('bestie', 'bestie') },
  });

  it('is no reason when it is empty, or does not say until when', async () => {
    await expectRefused(patch('service', 'bestie', away('')), 'I4');
    await expectRefused(patch('service', 'bestie', away('incident 42')), 'I');
    // Of several policies that refuse, the API server names any one: here nothing but the annotation is wrong.
    const annotated = { metadata: { annotations: { [ANNOTATION.breakGlass]: 'incident 42' } } };
    await expectRefused(patch('service', 'bestie', annotated), 'says until when and why');
  });

  it('takes a right that edit does not hold, in whatever request it comes', async () => {
    await expectRefused(patch('service', 'bestie', away(BROKEN), EVE), 'I12: eve may not break the glass');
    const created = {
      ...(service(instanceSelector('bestie', 'bestie'), {}, { [ANNOTATION.breakGlass]: BROKEN }) as object),
    };
    await expectRefused(
      kubectl(['apply', '--server-side', '--force-conflicts', EVE, '-f', '-'], JSON.stringify(created)),
      'I12',
    );
    const claim = { ...(volume('broken') as { metadata: object }) };
    const annotated = { ...claim, metadata: { ...claim.metadata, annotations: { [ANNOTATION.breakGlass]: BROKEN } } };
    await expectRefused(kubectl(['apply', '-f', '-', EVE], JSON.stringify(annotated)), 'I12');
    const commit = asAccount('bestie-commit');
    await expectRefused(patch('service', 'bestie', away(BROKEN), commit), 'I12');
  });

  it('lets pass who has the right, and is asked again when it is changed, not when it is taken off', async () => {
    await patch('service', 'bestie', away(BROKEN));
    await expectRefused(patch('service', 'bestie', away(`${BROKEN}!`), EVE), 'I12');
    // The reason was on the object before, too: this change may take it off.
    const back = {
      metadata: { annotations: { [ANNOTATION.breakGlass]: null } },
      spec: { selector: instanceSelector('bestie', 'bestie2') },
    };
    await patch('service', 'bestie', back, EVE);
    await expectRefused(select(instanceSelector('bestie', 'bestie')), 'I4');
  });
});

describe('I12: the ledger', () => {
  it('is written by the steps of its own Lifecycle only', async () => {
    const evil = { status: { serving: { ...SERVING.serving, instance: 'evil' } } };
    for (const who of [[], [ARGOCD], [asAccount('other-commit')], [asAccount('bestie-evil')]]) {
      const write = patch('lifecycle', 'bestie', evil, '--subresource=status', ...who);
      await expectRefused(write, who[0] === asAccount('bestie-evil') ? 'orbidden' : 'I12: only the steps');
    }
  });

  it('is written by an administrator with the glass broken', async () => {
    await patch('lifecycle', 'bestie', { metadata: { annotations: { [ANNOTATION.breakGlass]: BROKEN } } });
    await patch('lifecycle', 'bestie', { status: { message: 'by hand' } }, '--subresource=status');
    await patch('lifecycle', 'bestie', { metadata: { annotations: { [ANNOTATION.breakGlass]: null } } });
    const again = patch('lifecycle', 'bestie', { status: { message: 'again' } }, '--subresource=status');
    await expectRefused(again, 'I12: only the steps');
  });
});

describe('I8: where backups are', () => {
  const S3 = { name: 'repo1', s3: { bucket: 'b', endpoint: 'e', region: 'r' } };
  const kept = (repo: object, path: string | null): object => ({
    spec: { backups: { pgbackrest: { global: { 'repo1-path': path }, repos: [repo] } } },
  });
  const archive = 'archive-pgo';

  beforeAll(() =>
    apply([cluster(archive, 'blue', { backups: { pgbackrest: { global: { 'repo1-path': '/a' }, repos: [S3] } } })]),
  );

  it.each([
    ['another path', kept(S3, '/b')],
    ['no path', kept(S3, null)],
    ['another bucket', kept({ ...S3, s3: { ...S3.s3, bucket: 'c' } }, '/a')],
    ['another kind of store', kept({ name: 'repo1', gcs: { bucket: 'b' } }, '/a')],
    ['a volume', kept({ name: 'repo1', volume: { volumeClaimSpec: {} } }, '/a')],
  ])('%s is refused', async (_name, change) => {
    await expectRefused(patch('postgrescluster', archive, change), 'I8: repo1');
  });

  it('another path is refused with the label taken off, too, by this policy or by the one that keeps labels', async () => {
    const change = { ...kept(S3, '/b'), metadata: { labels: { [LABEL.lifecycle]: null } } };
    await expectRefused(patch('postgrescluster', archive, change), 'Forbidden');
  });

  it('what moves no archive passes', async () => {
    const endpoint = kept({ ...S3, s3: { ...S3.s3, endpoint: 'f' } }, '/a');
    await expectAllowed('another endpoint', () => patch('postgrescluster', archive, endpoint));
    const second = { spec: { backups: { pgbackrest: { repos: [S3, { name: 'repo2', gcs: { bucket: 'g' } }] } } } };
    await patch('postgrescluster', archive, second);
    await patch('postgrescluster', archive, kept(S3, '/a'));
    // The operator's default, written out.
    await patch('postgrescluster', archive, {
      spec: { backups: { pgbackrest: { global: { 'repo2-path': '/pgbackrest/repo2' } } } },
    });
  });
});

describe('I5: dataSource', () => {
  beforeAll(async () => {
    await setStatus(null);
    await apply([cluster('bestie-pgo', 'blue')]);
  });

  it('is never given to a database that exists, nor to a blue', async () => {
    await expectRefused(patch('postgrescluster', 'bestie-pgo', { spec: { dataSource: SOURCE } }), 'I5');
    await expectRefused(apply([cluster('third-pgo', 'blue', { dataSource: SOURCE })]), 'only a green, a rehearsal');
  });

  it('makes a green only while blue is fenced for its own plan', async () => {
    const green = cluster('bestie2-pgo', 'green', { dataSource: SOURCE });
    for (const state of ['Open', 'Aborted', 'Committed']) {
      await setStatus(decision(state));
      await expectRefusedSoon(`refused when ${state}`, () => apply([green]), `is ${DIGEST} ${state}`);
    }
    await setStatus(decision('Fenced', { digest: '000000000000' }));
    await expectRefusedSoon('refused for another plan', () => apply([green]), 'is 000000000000 Fenced');
    await setStatus(decision('Fenced'));
    await expectAllowed('green', () => apply([green]));
  });

  it('stays as it is until the clone is done', async () => {
    const off = { spec: { dataSource: null } };
    const other = { spec: { dataSource: { postgresCluster: { repoName: 'repo2' } } } };
    await expectRefused(patch('postgrescluster', 'bestie2-pgo', off), 'I5: the clone is not finished');
    await restoreStatus('bestie2-pgo', false);
    await expectRefused(patch('postgrescluster', 'bestie2-pgo', off), 'I5: the clone is not finished');
    await expectRefused(patch('postgrescluster', 'bestie2-pgo', other), 'I5: the clone is not finished');
    await patch('postgrescluster', 'bestie2-pgo', { metadata: { labels: { unrelated: 'change' } } });
  });

  it('excludes an enabled restore', async () => {
    await expectRefused(patch('postgrescluster', 'bestie2-pgo', { spec: restoring }), 'exclude each other');
    const both = cluster('bestie2-rabcdef01-pgo', 'rehearsal', { dataSource: SOURCE, ...restoring });
    await expectRefused(apply([both]), 'exclude each other');
  });

  it('is not restored over: restores are a step of their own', async () => {
    for (const who of [[], [EVE], [ARGOCD]]) {
      await expectRefused(
        patch('postgrescluster', 'bestie-pgo', { spec: restoring }, ...who),
        'I6: an enabled restore',
      );
    }
    await expectRefused(apply([cluster('third-pgo', 'blue', restoring)]), 'I6: an enabled restore');
  });

  it('is restored over by the step of its own Lifecycle only, when the ledger says so, and until that is over', async () => {
    const asked = (id: string | null, restore: object | null): object => ({
      metadata: { annotations: { [ANNOTATION.pgoRestore]: id } },
      spec: { backups: { pgbackrest: { restore } } },
    });
    const block = { enabled: true, repoName: 'repo1', options: RESTORE.recovery.options };
    const request = asked('r1', block);
    const restore = (change: object, who = 'bestie-restore'): Promise<string> =>
      patch('postgrescluster', 'bestie-pgo', change, asAccount(who));
    const live = await getObject<{ metadata: { uid: string } }>('postgrescluster', 'bestie-pgo', NAMESPACE);
    const ledger = (state: string, more: object = {}): Promise<string> =>
      setStatus({ ...SERVING, restores: [{ ...RESTORE, uid: live?.metadata.uid, state, ...more }] });
    const unrecorded = 'has no record that restore r1 is to begin';

    await ledger('Paused');
    await expectRefusedSoon('not yet', () => restore(request), unrecorded);
    await ledger('Restoring', { uid: 'of-another' });
    await expectRefusedSoon('another database', () => restore(request), unrecorded);
    await ledger('Restoring');
    await expectRefused(restore(asked('r1', { ...block, repoName: 'repo2' })), unrecorded);
    await expectRefused(restore(asked('r1', { ...block, options: ['--type=immediate'] })), unrecorded);
    await expectRefused(restore(request, 'bestie-commit'), 'I6: an enabled restore');
    await expectRefused(restore(request, 'other-restore'), 'I6: an enabled restore');
    await expectRefused(patch('postgrescluster', 'bestie-pgo', request, ARGOCD), 'I6: an enabled restore');
    await expectAllowed('the restore', () => restore(request));

    const off = asked(null, null);
    await expectRefused(restore(off), 'I6: restore r1 has not succeeded');
    await expectRefused(restore(asked('r2', block)), 'that restore r2 is to begin');
    await expectRefused(restore(asked('r1', { ...block, repoName: 'repo2' })), 'I6');
    await restoreStatus('bestie-pgo', false, 'r1');
    await expectRefused(restore(off), 'I6: restore r1 has not succeeded');
    await patch('postgrescluster', 'bestie-pgo', { metadata: { labels: { unrelated: 'change' } } }, ARGOCD);
    await restoreStatus('bestie-pgo', true, 'r1');
    await restore(off);
    await setStatus({ restores: null });
  });

  it('what was restored meets only the version that fits it, until the file has said so', async () => {
    await apply([application('1.3')]);
    const restored = { ...RESTORE, state: 'Restored', applicationVersion: '1.2' };
    await setStatus({ ...SERVING, restores: [restored] });
    const unfit = 'brought back data of version 1.2';
    await expectRefusedSoon('unfit', () => apply([application('1.4')]), unfit);
    await expectRefused(kubectl(['apply', '-f', '-', ARGOCD], JSON.stringify(application('1.4'))), unfit);
    await patch('deployment', 'bestie-app', { metadata: { annotations: { unrelated: 'change' } } }, ARGOCD);
    const glass = { metadata: { annotations: { [ANNOTATION.breakGlass]: BROKEN } } };
    await expectRefused(patch('deployment', 'bestie-app', glass, EVE), 'break-glass');
    await apply([application('1.2')]);
    await setStatus({ ...SERVING, restores: [{ ...restored, settledAt: NOW }] });
    await expectAllowed('another version', () => apply([application('1.4')]));
    await setStatus({ restores: null });
  });

  it('is guarded in API version v1, too', async () => {
    const v1 = `postgresclusters.v1.${PGO}`;
    await expectRefused(patch(v1, 'bestie-pgo', { spec: restoring }), 'I6: an enabled restore');
    await expectRefused(patch(v1, 'bestie-pgo', { spec: { dataSource: SOURCE } }), 'I5');
    await expectRefused(remove(v1, 'bestie-pgo'), 'I7');
  });

  it('goes when the clone is done, and does not come back', async () => {
    await restoreStatus('bestie2-pgo', true);
    await patch('postgrescluster', 'bestie2-pgo', { spec: { dataSource: null } });
    await expectRefused(
      patch('postgrescluster', 'bestie2-pgo', { spec: { dataSource: SOURCE } }),
      'I5: dataSource would overwrite',
    );
  });
});

describe('I5: a database that is gone', () => {
  const again = (instance: string): unknown =>
    cluster(`${instance}-again-pgo`, 'blue', {}, { [LABEL.instance]: instance });
  afterAll(() => setStatus({ serving: null }));

  it('is not made again, empty, where something serves; a first one is', async () => {
    await setStatus({ serving: null });
    await expectAllowed('a first one', () => apply([again('first')]));
    await setStatus(SERVING);
    await expectRefusedSoon('refused when it serves', () => apply([again('bestie')]), 'I5: bestie serves');
    await expectRefused(apply([again('second')]), 'I5: bestie serves');
  });

  it('is, by somebody who means it: with a reason on the Lifecycle', async () => {
    const annotate = (value: string | null): Promise<unknown> =>
      patch('lifecycle', 'bestie', { metadata: { annotations: { [ANNOTATION.breakGlass]: value } } });
    await annotate(BROKEN);
    await expectAllowed('an empty one', () => apply([again('bestie')]));
    await annotate(null);
  });
});

describe('I6: a restore beside', () => {
  const make = (object: unknown, as = asAccount('bestie-clone')): Promise<string> =>
    kubectl(['create', '-f', '-', as], JSON.stringify(object));

  it('is made by its step alone, as a clone, while the ledger has its id as Cloning', async () => {
    await expectRefused(make(restoredBeside()), 'has none under this name');
    await setStatus({ clones: [{ ...CLONE, state: 'Requested' }] });
    await expectRefusedSoon('not begun', () => make(restoredBeside()), 'has c1 as Requested');
    await setStatus({ clones: [{ ...CLONE, state: 'Cloning' }] });
    await expectRefusedSoon('another id', () => make(restoredBeside('c2')), 'has c1 as Cloning');
    await expectRefused(make(restoredBeside('c1', {})), 'I6: a restore beside is made once');
    await expectRefused(apply([restoredBeside('c1', {})]), 'I6: a restore beside is made once');
    await expectRefused(make(restoredBeside(), asAccount('other-clone')), 'I6: a restore beside is made once');
    await expectRefused(make(restoredBeside(), ARGOCD), 'I6: a restore beside is made once');
    await expectAllowed('its own', () => make(restoredBeside()));
  });

  it('goes at any time, and does not come back when its UID is on record', async () => {
    await remove('postgrescluster', 'bestie3-pgo');
    await setStatus({ clones: [{ ...CLONE, state: 'Cloning', uid: 'uid-of-before' }] });
    await expectRefusedSoon(
      'once',
      () => make(restoredBeside()).then(() => remove('postgrescluster', 'bestie3-pgo')),
      'I6',
    );
  });

  it('stays from the decision for it on, and cannot be called restored afterwards', async () => {
    await setStatus({ clones: [{ ...CLONE, state: 'Cloning' }] });
    await expectAllowed('its own', () => make(restoredBeside()));
    await setStatus(decision('Fenced', { green: 'bestie3' }));
    const go = (): Promise<string> => remove('postgrescluster', 'bestie3-pgo');
    await expectRefusedSoon('on the way', () => go().then(() => make(restoredBeside())), 'it serves or is to');
    await patch('postgrescluster', 'bestie3-pgo', { metadata: { labels: { [LABEL.role]: 'green' } } });
    const again = { metadata: { labels: { [LABEL.role]: 'restored' } } };
    await expectRefused(patch('postgrescluster', 'bestie3-pgo', again), 'I7');
    await setStatus({ decision: null, clones: null });
  });
});

describe('I7: what is deleted', () => {
  it('a rehearsal is, at any time', async () => {
    await apply([cluster('bestie2-rabcdef01-pgo', 'rehearsal', { dataSource: SOURCE })]);
    await expect(remove('postgrescluster', 'bestie2-rabcdef01-pgo')).resolves.toContain('deleted');
  });

  it.each(['bestie-pgo', 'bestie2-pgo'])('%s is not, alone or in a collection', async (name) => {
    await expectRefused(remove('postgrescluster', name), 'I7');
    await expectRefused(kubectl(['delete', 'postgrescluster', '--all', ...inNamespace, '--wait=false']), 'I7');
    expect(await getObject('postgrescluster', name, NAMESPACE)).toBeDefined();
  });

  it('a database cannot be taken out of its Lifecycle or be called a rehearsal first', async () => {
    for (const labels of [
      { [LABEL.lifecycle]: null },
      { [LABEL.lifecycle]: 'other' },
      { [LABEL.role]: 'rehearsal' },
      { [LABEL.role]: null },
    ]) {
      await expectRefused(patch('postgrescluster', 'bestie-pgo', { metadata: { labels } }), 'I7');
    }
    await patch('postgrescluster', 'bestie2-pgo', { metadata: { labels: { [LABEL.role]: 'blue' } } });
    await patch('postgrescluster', 'bestie2-pgo', { metadata: { labels: { [LABEL.role]: 'green' } } });
  });

  it('a green is when its abort has marked it and the record names its UID', async () => {
    const green = await getObject<{ metadata: { uid: string } }>('postgrescluster', 'bestie2-pgo', NAMESPACE);
    const greenUid = green?.metadata.uid;
    await setStatus({ ...decision('Aborted', { greenUid: 'another', unfenced: NOW }) });
    await patch('postgrescluster', 'bestie2-pgo', {
      metadata: { annotations: { [ANNOTATION.aborted]: 'migration failed' } },
    });
    await expectRefused(remove('postgrescluster', 'bestie2-pgo'), 'has no record that this database');
    await setStatus(decision('Aborted', { greenUid }));
    await patch('postgrescluster', 'bestie2-pgo', { metadata: { annotations: { [ANNOTATION.aborted]: null } } });
    await expectRefused(remove('postgrescluster', 'bestie2-pgo'), 'a green that its abort has marked');
    await patch('postgrescluster', 'bestie2-pgo', {
      metadata: { annotations: { [ANNOTATION.aborted]: 'migration failed' } },
    });
    await expectAllowed('the aborted green deleted', () => remove('postgrescluster', 'bestie2-pgo'));
  });

  it('a green is, too, when a later attempt has moved the record into the history', async () => {
    await setStatus(decision('Fenced'));
    await expectAllowed('green', () => apply([cluster('bestie3-pgo', 'green', { dataSource: SOURCE })]));
    const green = await getObject<{ metadata: { uid: string } }>('postgrescluster', 'bestie3-pgo', NAMESPACE);
    const { decision: aborted } = decision('Aborted', { greenUid: green?.metadata.uid, unfenced: NOW });
    await patch('postgrescluster', 'bestie3-pgo', {
      metadata: { annotations: { [ANNOTATION.aborted]: 'window over' } },
    });
    await setStatus({ ...decision('Open', { attempt: 2 }), history: [aborted] });
    await expectAllowed('the aborted green deleted', () => remove('postgrescluster', 'bestie3-pgo'));
  });

  it('a Lifecycle is not while it holds a record, and is when it is empty', async () => {
    await setStatus(null);
    await setStatus(SERVING);
    await expectRefused(remove('lifecycle', 'bestie'), 'I7: Lifecycle bestie is the record');
    await setStatus({ serving: null, ...decision('Fenced') });
    await expectRefused(remove('lifecycle', 'bestie'), 'I7');
    await remove('lifecycle', 'other');
  });

  it('a volume of a database or a repository is not, but by the operator and behind an owner that is gone', async () => {
    const owner = await getObject<{ metadata: { uid: string } }>('postgrescluster', 'bestie-pgo', NAMESPACE);
    await apply([volume('instance', owner?.metadata.uid), volume('repo1', owner?.metadata.uid), volume('orphan')]);
    for (const name of ['instance', 'repo1']) {
      for (const who of [[], [EVE], [ARGOCD]]) {
        await expectRefused(
          kubectl(['delete', 'pvc', name, ...inNamespace, '--wait=false', ...who]),
          'I7: this volume',
        );
      }
    }
    await expectRefused(
      patch('pvc', 'repo1', { metadata: { labels: { [`${PGO}/cluster`]: null } } }, EVE),
      'I7: this volume',
    );
    const gone = { ...(volume('orphan', '00000000-0000-4000-8000-000000000000') as { metadata: object }) };
    await expectRefused(kubectl(['apply', '-f', '-', EVE], JSON.stringify(gone)), 'I7: this volume');
    await patch('pvc', 'repo1', { metadata: { labels: { unrelated: 'change' } } }, EVE);
    const scaleDown = [
      'delete',
      'pvc',
      'instance',
      ...inNamespace,
      '--wait=false',
      '--as=lab:operator',
      '--as-group=system:masters',
    ];
    await kubectl(scaleDown);
  });

  it('the namespace and the definitions are not', async () => {
    await setStatus(SERVING);
    const kinds = [
      ['namespace', NAMESPACE],
      ['crd', 'lifecycles.lifecycle.bestie.com'],
      ['crd', `postgresclusters.${PGO}`],
    ] as const;
    for (const [kind, name] of kinds) {
      await expectRefusedSoon(`${kind} ${name} kept`, () => kubectl(['delete', kind, name, '--wait=false']), 'I7');
    }
  });

  it('all of it goes with a break-glass reason on the Lifecycle and on its databases', async () => {
    await deleteNamespace();
    expect(await kubectl(['get', 'namespace', NAMESPACE, '--ignore-not-found'])).toBe('');
  }, 130_000);
});
