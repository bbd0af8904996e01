/**
 * `npm run debian-machine`: two stock Debian 12 machines with systemd, emulated and joined by a cable, take the agent by
 * `mosview agent install`, and what is promised about services, jobs, updates and restarts is looked at there. The machines
 * are built once, outside the project; what is written to them is gone afterwards. Emulated it takes about half an hour.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ensureBuilt } from './build.mjs';
import { ensurePrograms } from './debian.mjs';
import { ensureNode, root } from './node.mjs';

const NEEDED = {
  'qemu-system-x86_64': 'qemu-system-x86',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  setpriv: 'util-linux',
};
const PACKAGES = (
  'linux-image-amd64 initramfs-tools zstd systemd-sysv udev dbus libpam-systemd openssh-server python3-minimal perl-base ' +
  'iproute2 util-linux procps criu'
).split(' ');
const MEGABYTES = 2048;
const NUMBERS = [1, 2];
/** All is emulated, and other work may be done beside. */
const PATIENCE_MINUTES = 15;
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mosview', 'debian-machine');
/** Another after every start. */
const BOOT = '/proc/sys/kernel/random/boot_id';
/** A job that tells the seconds, and nothing else. */
const TICKER = `sh -c 'i=0; while :; do echo $i; i=$((i+1)); sleep 1; done'`;

await ensureNode();
const folder = mkdtempSync(join(tmpdir(), 'mosview-debian-machine-'));
const machines = [];
try {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('It runs on Linux x64 only.');
  if (process.getuid?.() !== 0) throw new Error("Only root may build a Debian's files.");
  ensurePrograms(NEEDED, 'the Debian machines');
  ensureBuilt();
  buildDisk();
  for (const number of NUMBERS) machines.push(await startMachine(number));
  writeDataFolder();
  await Promise.all(NUMBERS.map((number) => answers(number)));
  await check();
  process.stdout.write('All of it holds.\n');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  for (const { child } of machines) child.kill('SIGKILL');
  await Promise.all(machines.map(({ ended }) => ended));
  rmSync(folder, { recursive: true });
}

/** mosview's data folder: the machines as nodes n1 and n2, and the key that both show. */
function writeDataFolder() {
  const hostKey = readFileSync(join(CACHE, 'host-key.pub'), 'utf8');
  const lines = machines.map(({ port }) => `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(join(folder, 'known_hosts'), lines.join(''));
  const nodes = machines.map(({ port }, index) => ({
    name: `n${index + 1}`,
    host: '127.0.0.1',
    user: 'root',
    port,
    identityFiles: [join(CACHE, 'key')],
  }));
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ nodes }));
}

/** What is promised of a node with systemd, in the order in which an administrator meets it. */
async function check() {
  await step('both take the agent in one installation', () => {
    mosview('agent', 'install', 'n1', 'n2', '--addresses', '10.77.0.1,10.77.0.2', '--yes');
    for (const number of NUMBERS) {
      on(number, 'systemd-analyze verify mosview-agent.service mosview-keeper.service');
      same(on(number, 'systemctl is-enabled mosview-agent mosview-keeper'), 'enabled\nenabled');
      same(on(number, 'systemctl is-system-running'), 'running');
    }
  });
  // What a processor that is emulated measures of itself says nothing; they are alike, and nobody moves by himself.
  for (const number of NUMBERS) on(number, 'mos ctl setspeed 1000; mos ctl stay');
  await step("a job has its caller's limits and rights, not the agent's", () => {
    const limits = 'cat /proc/self/oom_score_adj; ulimit -Sn; id -un';
    same(as('user', 1, `mos run -h bash -c '${limits}'`), as('user', 1, limits));
  });
  await step('a job outlives the login it was started from', async () => {
    as('user', 1, `nohup mos run -h ${TICKER} >ticks 2>words </dev/null & sleep 1`);
    await ticks();
  });
  await step('nothing of it is in the service of the agent', () => {
    same(on(1, 'wc -l </sys/fs/cgroup/system.slice/mosview-agent.service/cgroup.procs'), '1');
  });
  await step('it outlives an agent that is killed with all of its service', async () => {
    on(1, 'systemctl kill --signal=KILL mosview-agent; sleep 3');
    await agentAnswers(1);
    await ticks();
  });
  await step('it outlives a stop of the agent and a reload of systemd', async () => {
    on(1, 'systemctl stop mosview-agent; systemctl daemon-reload; systemctl daemon-reexec');
    on(1, 'test -S /run/mosview/keeper.sock && systemctl start mosview-agent');
    await agentAnswers(1);
    await ticks();
  });
  await step('it goes to the other machine and comes home', async () => {
    const [pid] = jobs();
    on(1, `mos migrate ${pid} 2`);
    if (!on(2, 'mos ps').includes('sh -c')) throw new Error('node 2 does not know it');
    await ticks();
    on(1, `mos migrate ${pid} home`);
    await ticks();
  });
  await step('an update leaves it alone', async () => {
    // So that there is something to renew.
    on(1, 'echo >>/usr/local/lib/mosview/mosview-agent.mjs');
    mosview('agent', 'install', 'n1', 'n2', '--yes');
    await ticks();
  });
  await step('not a line of its output was lost or doubled', () => {
    as('user', 1, 'cp ticks seen; seq 0 "$(tail -n 1 seen)" | cmp - seen && test ! -s words');
  });
  await step('it ends with the process that its user sees', async () => {
    as('user', 1, `kill -KILL ${jobs()[0]}`);
    await until('the job has ended', () => jobs().length === 0);
  });
  await step('a machine that was started again is a node again', async () => {
    const boot = on(2, `cat ${BOOT}`);
    tryOn('root', 2, 'systemctl reboot');
    await until('n2 starts again', () => !['', boot].includes(tryOn('root', 2, `cat ${BOOT}`).stdout));
    await answers(2);
    await agentAnswers(2);
    await until('node 1 sees node 2', () => /^2 +n2 +up /m.test(on(1, 'mos status')));
  });
  await step('taken off, nothing of it is left', () => {
    mosview('agent', 'remove', 'n1', 'n2', '--yes');
    const places = '/etc /usr /run /var/lib /var/log /sys/fs/cgroup';
    for (const number of NUMBERS)
      same(
        on(
          number,
          `find ${places} -name '*mosview*' -not -path '/var/log/journal/*'; command -v mos || true`,
        ),
        '',
      );
  });
}

async function step(words, deed) {
  const since = performance.now();
  try {
    await deed();
  } catch (error) {
    throw new Error(`not so: ${words}\n${error.message}`, { cause: error });
  }
  process.stdout.write(`${words} (${((performance.now() - since) / 1000).toFixed(0)} s)\n`);
}

/** Numbers of the jobs in the first one's list. */
function jobs() {
  return [...on(1, 'mos ps').matchAll(/^\d+/gm)].map(([pid]) => pid);
}

/** The job tells the next second. */
async function ticks() {
  const last = () => Number(as('user', 1, 'tail -n 1 ticks'));
  const before = last();
  await until('the job goes on', () => last() > before);
}

async function agentAnswers(number) {
  await until(`the agent of n${number} answers`, () => tryOn('root', number, 'mos status').status === 0);
}

async function answers(number) {
  await until(
    `n${number} answers`,
    () => tryOn('root', number, 'systemctl is-system-running --wait').status === 0,
  );
}

async function until(what, look) {
  const deadline = performance.now() + PATIENCE_MINUTES * 60_000;
  while (!look()) {
    if (performance.now() > deadline)
      throw new Error(`Waited ${PATIENCE_MINUTES} minutes in vain until ${what}.`);
    await wait(1000);
  }
}

function same(found, expected) {
  if (found.trim() !== expected.trim()) throw new Error(`There is\n${found}\nin place of\n${expected}`);
}

function mosview(...words) {
  const command = [join(root, 'scripts/mosview.mjs'), ...words, '--data', folder];
  return output(
    spawnSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

function on(number, command) {
  return as('root', number, command);
}

function as(user, number, command) {
  return output(tryOn(user, number, command));
}

function tryOn(user, number, command) {
  const { port } = machines[number - 1];
  const options = ['BatchMode=yes', `UserKnownHostsFile=${join(folder, 'known_hosts')}`, 'ConnectTimeout=60'];
  const words = options.flatMap((option) => ['-o', option]);
  return spawnSync(
    'ssh',
    [...words, '-i', join(CACHE, 'key'), '-p', String(port), `${user}@127.0.0.1`, command],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MINUTES * 60_000 },
  );
}

function output({ status, stdout, stderr, error }) {
  if (status === 0) return stdout;
  throw new Error(error?.message ?? `${stdout}${stderr}`.trim());
}

/** A Debian in CACHE: `disk`, its kernel and what that starts from, the key that enters it, and the key it shows. */
function buildDisk() {
  if (existsSync(join(CACHE, 'disk'))) return;
  process.stderr.write(`Building a Debian 12 in ${CACHE} ...\n`);
  mkdirSync(join(CACHE, '..'), { recursive: true });
  const made = mkdtempSync(`${CACHE}.`);
  const tree = join(made, 'root');
  const here = (name) => `'${join(made, name).replaceAll("'", `'\\''`)}'`;
  writeFileSync(join(made, 'setup'), readFileSync(join(root, 'scripts/debian-machine.sh')));
  run('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    'mosview-debian-machine',
    '-f',
    join(made, 'key'),
  ]);
  run(
    'mmdebstrap',
    [
      ['--mode=root', '--variant=minbase', '--format=directory'],
      ['man', 'locale', 'doc'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
      `--include=${PACKAGES.join(',')}`,
      `--customize-hook=cp ${here('key.pub')} "$1/root/key.pub"`,
      `--customize-hook=chroot "$1" /bin/sh -s <${here('setup')}`,
      ['bookworm', tree],
    ].flat(),
  );
  for (const name of readdirSync(join(tree, 'boot'))) {
    const [kind] = name.split('-');
    if (kind === 'vmlinuz' || kind === 'initrd.img') renameSync(join(tree, 'boot', name), join(made, kind));
  }
  const shown = readFileSync(join(tree, 'etc/ssh/ssh_host_ed25519_key.pub'));
  writeFileSync(join(made, 'host-key.pub'), shown);
  run('mke2fs', ['-q', '-t', 'ext4', '-d', tree, join(made, 'disk'), '3G']);
  rmSync(tree, { recursive: true });
  renameSync(made, CACHE);
}

/** Boots one; its disk is the built one under a layer that is gone afterwards. */
async function startMachine(number) {
  const port = await freePort();
  const cable = (end) => join(folder, `cable-${end}`);
  const args = [
    ['-nodefaults', '-no-user-config'],
    ['-display', 'none'],
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'max'],
    ['-smp', '2'],
    ['-m', String(MEGABYTES)],
    ['-kernel', join(CACHE, 'vmlinuz')],
    ['-initrd', join(CACHE, 'initrd.img')],
    [
      '-append',
      `console=ttyS0 root=/dev/vda rw quiet mitigations=off tsc=reliable systemd.hostname=n${number}`,
    ],
    ['-serial', `file:${join(folder, `console-${number}`)}`],
    ['-drive', `file=${join(CACHE, 'disk')},if=virtio,format=raw,snapshot=on`],
    ['-device', 'virtio-rng-pci'],
    ['-netdev', `user,id=outside,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ['-device', 'virtio-net-pci,netdev=outside,romfile='],
    [
      '-netdev',
      `dgram,id=cable,local.type=unix,local.path=${cable(number)},remote.type=unix,remote.path=${cable(3 - number)}`,
    ],
    ['-device', `virtio-net-pci,netdev=cable,romfile=,mac=52:54:00:00:00:0${number}`],
  ].flat();
  // With this process, however it ends, ends the machine.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return { port, child, ended: once(child, 'close') };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function run(command, args) {
  output(spawnSync(command, args, { encoding: 'utf8' }));
}
