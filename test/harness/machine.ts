/**
 * A machine of its own as far as files go: an SSH server in a mount namespace, where /etc, /usr/local and /var may be
 * written without this machine's changing, and /run is empty.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSshd, type Sshd } from './sshd.ts';

/** What is on the machine from the start. */
export interface MachineOptions {
  /** A Node that is new enough in /usr/local/bin. */
  readonly node?: string;
  /** A stand-in for systemd: it starts and ends what the units say, and logs its calls. */
  readonly systemd?: boolean;
}

/** A machine; `sshd` is its server. */
export interface Machine {
  readonly sshd: Sshd;
  /** Runs shell text on it as root, and gives what it prints. Throws where that fails. */
  run(text: string): string;
  /** The calls of systemctl, oldest first. */
  systemctlCalls(): readonly string[];
  close(): Promise<void>;
}

/** Overlays and an empty /run, then the server takes the shell's place. */
const NAMESPACE = String.raw`
set -e
store=$1 folder=$2
shift 2
mount -t tmpfs tmpfs "$store"
for name in etc usr/local var; do
  layer="$store/$(echo $name | tr / -)"
  mkdir -p "$layer/up" "$layer/work"
  mount -t overlay overlay -o "lowerdir=/$name,upperdir=$layer/up,workdir=$layer/work" "/$name"
done
mount -t tmpfs tmpfs /run
mkdir /run/sshd
rm -f /usr/local/bin/node
if [ -e "$folder/node" ]; then ln -s "$(readlink "$folder/node")" /usr/local/bin/node; fi
if [ -e "$folder/systemctl" ]; then
  mkdir -p /run/systemd/system
  cp "$folder/systemctl" /usr/local/bin/systemctl
fi
exec "$@"
`;

/** As much of systemctl as an installation uses; a unit runs with its number in /run/UNIT.pid. */
const systemctl = (log: string): string => String.raw`#!/bin/sh
echo "$*" >> ${log}
verb=$1
shift
for unit in "$@"; do
  file=/etc/systemd/system/$unit.service
  case $verb in stop | restart) if [ -e /run/$unit.pid ]; then kill "$(cat /run/$unit.pid)"; rm /run/$unit.pid; fi ;; esac
  case $verb in start | restart)
    if [ ! -e /run/$unit.pid ]; then
      mkdir -p "/run/$(sed -n 's/^RuntimeDirectory=//p' $file)"
      setsid $(sed -n 's/^ExecStart=//p' $file) < /dev/null > /dev/null 2>&1 &
      echo $! > /run/$unit.pid
    fi ;;
  esac
done
`;

/** Starts a machine. Needs root. */
export async function startMachine({ node, systemd = false }: MachineOptions = {}): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-machine-'));
  const store = join(folder, 'store');
  const log = join(folder, 'systemctl.log');
  mkdirSync(store);
  writeFileSync(log, '');
  if (node !== undefined) symlinkSync(node, join(folder, 'node'));
  if (systemd) writeFileSync(join(folder, 'systemctl'), systemctl(log), { mode: 0o755 });
  const shell = ['/bin/sh', '-c', NAMESPACE, 'machine', store, folder];
  const sshd = await startSshd({ within: ['unshare', '--mount', '--propagation', 'private', ...shell] });
  return {
    sshd,
    run: (text) => execFileSync('ssh', ['-F', sshd.configFile, 'machine', text], { encoding: 'utf8' }),
    systemctlCalls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    async close() {
      await sshd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
