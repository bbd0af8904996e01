/**
 * `npm run debian-kernel -- [--minutes N] COMMAND...`: runs a command in this folder under Debian's own kernel, in a virtual
 * machine that sees this machine's files, and ends with its exit status. What it writes is in that machine's memory and
 * gone afterwards; it has no network. For what this machine's kernel or root lacks, such as raising limits.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { ensureCriu } from './criu.mjs';
import { ensurePrograms } from './debian.mjs';
import { ensureNode, root } from './node.mjs';

const NEEDED = { 'qemu-system-x86_64': 'qemu-system-x86', setpriv: 'util-linux' };
/** Loaded before the root is there: the way to the files outside, the layer over them, and the ports. */
const BOOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_console'];
const MEGABYTES = 4096;
/** How many times longer the tests wait where all is emulated; see test/harness/patience.ts. */
const EMULATED_PATIENCE = 8;
/** The exit status that `timeout` has. */
const TOO_LATE = 124;
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mosview', 'debian-kernel');
/** No questions, and words in English, which are read here. */
const PLAIN = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

await ensureNode();
try {
  const { minutes, command } = readOptions(process.argv.slice(2));
  if (process.platform !== 'linux' || process.arch !== 'x64') end(`it is started on Linux x64 only`);
  if (process.getuid?.() !== 0) end('its machine sees all files of this one, so only root may start it');
  ensurePrograms(NEEDED, "Debian's kernel");
  const kernel = ensureKernel();
  // Made here, where it is quick and stays.
  ensureBuilt();
  process.exitCode = await runMachine(kernel, commandFile(command, ensureCriu()), minutes);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Our own options end where the command begins. */
function readOptions(args) {
  const begin = args.findIndex((word, index) => !word.startsWith('-') && args[index - 1] !== '--minutes');
  if (begin === -1) throw new Error('Say which command: npm run debian-kernel -- [--minutes 30] uname -r');
  const { values } = parseArgs({
    args: args.slice(0, begin),
    options: { minutes: { type: 'string', default: '30' } },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not "${values.minutes}".`);
  return { minutes, command: args.slice(begin) };
}

/** Debian's kernel, its modules and a busybox that needs no libraries, unpacked once into a folder of ours. */
function ensureKernel() {
  const inLists = () =>
    /Depends: linux-image-(\S+)/.exec(tryRun('apt-cache', ['depends', 'linux-image-amd64']).stdout);
  let found = inLists();
  if (found === null) {
    tryRun('apt-get', ['update', '-qq']);
    found = inLists();
  }
  const [, version] = found ?? end('apt knows no package linux-image-amd64 here; Debian 12 or newer has it');
  const kernel = { folder: join(CACHE, version), version };
  if (existsSync(kernel.folder)) return kernel;
  process.stderr.write(`Unpacking Debian's kernel ${version} into ${kernel.folder} ...\n`);
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(`${kernel.folder}.`);
  const packages = [`linux-image-${version}`, 'busybox-static'];
  run('apt-get', ['-o', 'APT::Sandbox::User=root', '-qq', 'download', ...packages], folder);
  for (const name of readdirSync(folder)) {
    run('dpkg', ['--extract', name, folder], folder);
    rmSync(join(folder, name));
  }
  run(join(folder, 'bin/busybox'), ['depmod', '-b', folder, version]);
  renameSync(folder, kernel.folder);
  return kernel;
}

/** A script that runs the command in this folder with our environment, a criu that works in the PATH, and more patience. */
function commandFile(command, criu) {
  const patience = hasVirtualization() ? {} : { MOSVIEW_PATIENCE: String(EMULATED_PATIENCE) };
  const variables = { ...patience, ...process.env, PATH: `${dirname(criu)}${delimiter}${process.env.PATH}` };
  const exports = Object.entries(variables)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && name !== 'TMPDIR')
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return `${exports.join('')}cd ${quoted(process.cwd())}\nexec ${command.map(quoted).join(' ')}\n`;
}

/** Boots, passes on what the command says as it comes, and gives its exit status. */
async function runMachine(kernel, command, minutes) {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-debian-kernel-'));
  try {
    packInitrd(folder, kernel, command);
    let status = '';
    const ports = [
      openPort(join(folder, 'output'), (bytes) => process.stdout.write(bytes)),
      openPort(join(folder, 'errors'), (bytes) => process.stderr.write(bytes)),
      openPort(join(folder, 'status'), (bytes) => (status += bytes)),
    ];
    // With this process, however it ends, ends the machine.
    const program = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machineArgs(folder, kernel)];
    const machine = spawn('setpriv', program, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    machine.stderr.setEncoding('utf8').on('data', (text) => (complaints += text));
    let stopped;
    const stop = (sentence, code) => {
      stopped ??= { sentence, code };
      machine.kill('SIGKILL');
    };
    const sentence = `The command took longer than ${minutes} minutes and its machine was stopped; --minutes allows more.`;
    const deadline = setTimeout(() => stop(sentence, TOO_LATE), minutes * 60_000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.once(signal, () => stop(`The machine was stopped by ${signal}.`, 1));
    await once(machine, 'close');
    clearTimeout(deadline);
    await Promise.all(ports.map((finish) => finish()));
    if (stopped === undefined && /^\d+\n$/.test(status)) return Number(status);
    stopped ??= { sentence: faultOf(folder, complaints), code: 1 };
    process.stderr.write(`${stopped.sentence}\n`);
    return stopped.code;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Takes what comes through a port of the machine; what is returned waits until all of it was taken. */
function openPort(path, take) {
  const closed = [];
  const server = createServer((socket) => closed.push(once(socket.on('data', take), 'close'))).listen(path);
  return async () => {
    server.close();
    await Promise.all(closed);
  };
}

/** The memory the kernel starts from: a busybox, the modules for the root, and what is to be done. */
function packInitrd(folder, kernel, command) {
  const { folder: source, version } = kernel;
  const tree = join(folder, 'initrd');
  const modules = join('lib/modules', version);
  const lines = readFileSync(join(source, modules, 'modules.dep'), 'utf8').split('\n');
  const files = BOOT_MODULES.flatMap(
    (name) =>
      lines
        .find((line) => line.split(':')[0].endsWith(`/${name}.ko`))
        ?.replace(':', '')
        .trim()
        .split(' ') ?? [],
  );
  for (const file of [...new Set(files)].map((file) => join(modules, file))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    copyFileSync(join(source, file), join(tree, file));
  }
  copyFileSync(join(source, modules, 'modules.dep'), join(tree, modules, 'modules.dep'));
  mkdirSync(join(tree, 'bin'));
  copyFileSync(join(source, 'bin/busybox'), join(tree, 'bin/busybox'));
  symlinkSync('busybox', join(tree, 'bin/sh'));
  copyFileSync(join(root, 'scripts/debian-kernel.sh'), join(tree, 'init'));
  chmodSync(join(tree, 'init'), 0o755);
  writeFileSync(join(tree, 'command'), command);
  const settings = {
    BOOT_MODULES: BOOT_MODULES.join(' '),
    KERNEL: source,
    VERSION: version,
    KEPT: [root, process.cwd(), dirname(process.execPath)].join(' '),
  };
  const text = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}\n`);
  writeFileSync(join(tree, 'settings'), text.join(''));
  const pack = '(cd "$1" && find . | "$0" cpio -o -H newc) >"$2"';
  run('sh', ['-c', pack, join(source, 'bin/busybox'), tree, join(folder, 'initrd.cpio')]);
}

function machineArgs(folder, { folder: source, version }) {
  const ports = ['output', 'errors', 'status'].flatMap((name, index) => [
    ['-chardev', `socket,id=${name},path=${join(folder, name)}`],
    ['-device', `virtserialport,nr=${index + 1},chardev=${name}`],
  ]);
  return [
    ['-nodefaults', '-no-user-config', '-no-reboot'],
    ['-display', 'none'],
    ...(hasVirtualization() ? [['-accel', 'kvm']] : []),
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'max'],
    ['-smp', '2'],
    ['-m', String(MEGABYTES)],
    ['-kernel', join(source, 'boot', `vmlinuz-${version}`)],
    ['-initrd', join(folder, 'initrd.cpio')],
    ['-append', 'console=ttyS0 panic=-1 mitigations=off tsc=reliable'],
    ['-serial', `file:${join(folder, 'console')}`],
    ['-fsdev', 'local,id=machine,path=/,security_model=passthrough,readonly=on,multidevs=remap'],
    ['-device', 'virtio-9p-pci,fsdev=machine,mount_tag=machine'],
    ['-device', 'virtio-serial-pci'],
    ...ports,
  ].flat();
}

/** Whether the processor runs the machine. A /dev/kvm without this is a substitute that takes only kernels made for it. */
function hasVirtualization() {
  return existsSync('/dev/kvm') && /^flags.* (vmx|svm) /m.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

/** Why there is no exit status: what qemu said, and the last that the kernel said. */
function faultOf(folder, complaints) {
  const console = join(folder, 'console');
  // Without process 1, whose own words come before, the kernel panics and says much of its own.
  const [text = ''] = existsSync(console) ? readFileSync(console, 'utf8').split('Kernel panic') : [];
  const said = text.trim().split('\n').slice(-10);
  return `Debian's kernel ended without running the command to its end:\n${[complaints.trim(), ...said].join('\n')}`;
}

function quoted(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function tryRun(command, args, cwd = root) {
  return spawnSync(command, args, { cwd, encoding: 'utf8', env: PLAIN });
}

function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = tryRun(command, args, cwd);
  if (status !== 0) end(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

function end(why) {
  throw new Error(`Debian's kernel cannot be started: ${why}.`);
}
