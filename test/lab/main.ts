import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { execa } from 'execa';
import { NEXT_PLUGIN_VERSION, PLUGIN_VERSION } from './argocd/plugin.ts';
import { pluginImage } from './argocd/plugin-image.ts';
import { startArgoCd } from './argocd/start.ts';
import { bestieImages } from './bestie/images.ts';
import { binaries, giteaFolder } from './build/binaries.ts';
import { baseImages } from './build/images.ts';
import { importImages } from './build/import.ts';
import { loadImage } from './load/image.ts';
import { leftovers, nodeDown } from './node/down.ts';
import { nodeUp } from './node/up.ts';
import { startOperator } from './operator/start.ts';
import { installPackages } from './packages.ts';
import { KUBECONFIG } from './paths.ts';
import { fetchRelease } from './postgres/fetch-release.ts';
import { postgresVersion } from './postgres/versions.ts';
import { inNetwork, logFile, pidOf, processNames } from './process.ts';
import { say } from './progress.ts';
import { startS3 } from './s3/start.ts';

const program = new Command('lab')
  .enablePositionalOptions()
  .description('A real one-node Kubernetes with Argo CD, as plain processes on this machine.');

program
  .command('packages')
  .description('install the Debian packages that the lab and the tests on PostgreSQL need')
  .action(installPackages);

program
  .command('postgres')
  .argument('<version>', 'a major version')
  .description('fetch the servers of a version of PostgreSQL that Debian does not have, for the SQL tests')
  .action((version: string) => fetchRelease(postgresVersion(version)));

program
  .command('build')
  .description('build binaries and base images into the cache (about ten minutes, once a machine)')
  .action(async () => {
    await installPackages();
    await binaries();
    await giteaFolder();
    await baseImages();
  });

program
  .command('up')
  .description('start node, S3 service, operator stand-in and Argo CD; copes with whatever an earlier run left')
  .action(async () => {
    await installPackages();
    const built = await binaries();
    const base = Object.values(await baseImages());
    const own = [
      await pluginImage(PLUGIN_VERSION),
      await pluginImage(NEXT_PLUGIN_VERSION),
      ...(await bestieImages()),
      await loadImage(),
    ];
    if (pidOf('kubelet') === undefined) await nodeDown();
    await nodeUp(built, base);
    await importImages(own);
    await startS3(built);
    await startOperator();
    await startArgoCd(built);
    say('up; try: node_modules/.bin/node test/lab/main.ts exec kubectl get pods -A');
  });

program
  .command('down')
  .description('stop everything and remove what was made; images and certificates stay')
  .action(async () => {
    await nodeDown();
    const left = await leftovers();
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
    say('down; nothing is left');
  });

program
  .command('status')
  .description('what runs')
  .action(() => {
    for (const name of processNames()) process.stdout.write(`${name.padEnd(28)} ${pidOf(name) ?? 'stopped'}\n`);
  });

program
  .command('logs')
  .argument('<name>', 'a process, as status names it')
  .description("print a process's log")
  .action((name: string) => {
    process.stdout.write(readFileSync(logFile(name)));
  });

program
  .command('exec')
  .argument('<command...>')
  .description('run a command inside the lab’s network, with its KUBECONFIG and kubectl on PATH')
  .passThroughOptions()
  .action(async ([command = '', ...args]: string[]) => {
    const { path } = await binaries();
    const [file, argv] = inNetwork(command, args);
    const env = { KUBECONFIG, PATH: `${path('').replace(/\/$/, '')}:${process.env['PATH'] ?? ''}` };
    const { exitCode } = await execa(file, argv, { stdio: 'inherit', env, reject: false });
    process.exitCode = exitCode ?? 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
