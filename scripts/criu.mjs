/**
 * A criu that works on this machine's kernel. Debian 12's criu 3.17.1 fails on Linux 6.13 and newer (it does not know the
 * mapping [vvar_vclock]; mended in 4.1), so there Debian 13's packages are unpacked into a folder of the project and
 * started through their own dynamic loader. Nothing of the system is changed by that.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { root } from './node.mjs';

const NEWER_SUITE = 'trixie';
/** criu of the newer suite with every library it loads. */
const PACKAGES = (
  'criu libcompel1 libc6 libbsd0 libmd0 libgnutls30t64 libnet1 libnftables1 libnftnl11 libmnl0 libnl-3-200 ' +
  'libprotobuf-c1 libuuid1 libp11-kit0 libidn2-0 libunistring5 libtasn1-6 libnettle8t64 libhogweed6t64 libgmp10 ' +
  'libffi8 libxtables12 libjansson4 libedit2 libtinfo6 zlib1g libzstd1 libcap2'
).split(' ');
/** Debian's name of the architecture's libraries and of its dynamic loader. */
const ARCHITECTURES = {
  x64: { libraries: 'usr/lib/x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { libraries: 'usr/lib/aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};
/** No questions, and words in English, which are read here. */
const PLAIN = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
const FOLDER = join(root, 'node_modules', '.cache', 'criu');
const WRAPPER = join(FOLDER, 'criu');

/** The path of a criu that works here, made first where it is missing; throws a sentence when there is none. */
export function ensureCriu() {
  const found = [WRAPPER, '/usr/sbin/criu', '/usr/local/sbin/criu'].find((path) => fault(path) === undefined);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0) end('criu can be tried by root only, and you are not root');
  if (!existsSync('/etc/debian_version')) end('install criu 4.1 or newer');
  if (packagedWorks()) {
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'criu']);
    if (fault('/usr/sbin/criu') === undefined) return '/usr/sbin/criu';
  }
  unpackNewer();
  const why = fault(WRAPPER);
  if (why !== undefined) end(`Debian's criu of ${NEWER_SUITE} does not work on Linux ${release()}: ${why}`);
  return WRAPPER;
}

/** One line for people: which criu it is. */
export function describeCriu(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return `criu: ${/Version: (\S+)/.exec(stdout ?? '')?.[1] ?? 'of unknown version'} at ${path}`;
}

/** Why this criu does not work, or undefined. It looks in a /run of its own, where criu keeps what it found out. */
function fault(path) {
  if (!existsSync(path)) return `${path} is missing`;
  const check = ['--mount', '/bin/sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$1" check', 'check', path];
  const { status, stdout, stderr } = spawnSync('unshare', check, { encoding: 'utf8' });
  return status === 0 ? undefined : `${stdout ?? ''}${stderr ?? ''}`.trim();
}

/** Whether the criu this system's own packages offer is made for this kernel. */
function packagedWorks() {
  const { stdout } = spawnSync('apt-cache', ['policy', 'criu'], { encoding: 'utf8', env: PLAIN });
  const [, major, minor] = /Candidate: (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  if (major === undefined) return false;
  const [kernel = 0, kernelMinor = 0] = release().split('.').map(Number);
  const isOldKernel = kernel < 6 || (kernel === 6 && kernelMinor < 13);
  return isOldKernel || Number(major) > 4 || (Number(major) === 4 && Number(minor) >= 1);
}

/** Fetches the newer suite's packages with an apt state of their own, so that the system's apt never hears of them. */
function unpackNewer() {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) end(`there is no recipe for ${process.arch}`);
  process.stderr.write(`Unpacking Debian's criu of ${NEWER_SUITE} for the tests ...\n`);
  const folder = `${FOLDER}.${process.pid}`;
  for (const name of ['lists/partial', 'cache/archives/partial', 'packages'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'sources.list'), sourceLine());
  const state = [
    `Dir::Etc::SourceList=${folder}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    'Dir::Etc::Preferences=/dev/null',
    'Dir::Etc::PreferencesParts=/dev/null',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
  run('apt-get', [...state, '-qq', 'update']);
  run(
    'apt-get',
    [...state, '-qq', 'download', ...PACKAGES.map((name) => `${name}/${NEWER_SUITE}`)],
    `${folder}/packages`,
  );
  for (const name of readdirSync(join(folder, 'packages')))
    run('dpkg', ['--extract', join(folder, 'packages', name), join(folder, 'root')]);
  for (const name of ['lists', 'cache', 'packages']) rmSync(join(folder, name), { recursive: true });
  const libraries = join(FOLDER, 'root', architecture.libraries);
  const words = [
    `${libraries}/${architecture.loader}`,
    '--library-path',
    libraries,
    join(FOLDER, 'root/usr/sbin/criu'),
  ];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  writeFileSync(join(folder, 'criu'), `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(join(folder, 'criu'), 0o755);
  rmSync(FOLDER, { recursive: true, force: true });
  renameSync(folder, FOLDER);
}

/** The machine's own source of Debian, with the newer suite in place of its own. */
function sourceLine() {
  const [, own] = /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
  // With no lists in it, apt tells where it would fetch each source's index from.
  const asked = ['-o', `Dir::State::Lists=${FOLDER}.none`, '--print-uris', 'update'];
  const { stdout } = spawnSync('apt-get', asked, { encoding: 'utf8', env: PLAIN });
  const [, place] = new RegExp(`^'(\\S+)/dists/${own}/InRelease'`, 'm').exec(stdout ?? '') ?? [];
  if (place === undefined)
    end(`apt has no source of Debian's ${own} here, from which that of ${NEWER_SUITE} is known`);
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  return `deb ${existsSync(keys) ? `[signed-by=${keys}] ` : ''}${place} ${NEWER_SUITE} main\n`;
}

function run(command, args, cwd = root) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', env: PLAIN });
  if (done.status !== 0)
    end(`${command} failed: ${`${done.stdout ?? ''}${done.stderr ?? done.error?.message ?? ''}`.trim()}`);
}

function end(why) {
  throw new Error(`The agent's tests need a criu that works on this kernel, and there is none: ${why}.`);
}
