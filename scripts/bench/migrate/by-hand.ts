/**
 * A move as somebody makes it by hand who has nothing else to care for: criu writes the images into memory, tar carries them
 * over a connection without secrecy or checks, and criu restores them. Everything is started and waits before it begins.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Lab, LabProcess } from '../../../test/harness/lab/lab.ts';
import { longestGap, memoryHolder, untilReady } from './memory-holder.ts';

const PORT = 7000;
const IMAGES = '/run/by-hand';
/** The process' number in its namespaces. */
const PID = 20_000;
/** Namespaces for one stay of the process at a node, so that its number is free wherever it comes. */
const STAY = '--mount --propagation slave --pid --fork --mount-proc bash -c'.split(' ');

const BEGIN = `
echo $((${PID} - 1)) >/proc/sys/kernel/ns_last_pid
setsid "$@" </dev/null >/dev/null 2>&1 &
echo here
`;
/** Perl takes the connection and becomes a tar that reads from it. */
const COME = `
rm -rf ${IMAGES}; mkdir ${IMAGES}
perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(Listen => 1, LocalPort => ${PORT}, ReuseAddr => 1) or die;
  $| = 1; print "ready\\n";
  my $connection = $server->accept;
  open STDIN, "<&", $connection; close $server;
  exec "tar", "-C", "${IMAGES}", "-xf", "-";
' || exit 1
criu restore -d -D ${IMAGES} -o restore.log -v1 --manage-cgroups=ignore ||
  { cat ${IMAGES}/restore.log >&2; exit 1; }
echo here
rm -rf ${IMAGES}
`;
/** Waits for the address to go to; with the shell, process 1 of the namespaces, everything in them ends. */
const GO = `
read -r address || exit 0
mkdir ${IMAGES}
criu dump -t ${PID} -D ${IMAGES} -o dump.log -v1 --manage-cgroups=ignore ||
  { cat ${IMAGES}/dump.log >&2; exit 1; }
tar -C ${IMAGES} --exclude='*.log' -cf - . >/dev/tcp/$address/${PORT}
rm -rf ${IMAGES}
`;

/** What a move by hand took, in milliseconds: from criu's start to the restored process, and as the process saw it. */
export interface ByHand {
  readonly whole: number;
  readonly seen: number;
}

/** A process that is moved by hand between nodes. */
export class HandMoved {
  readonly #lab: Lab;
  readonly #log: string;
  #stay: LabProcess;

  private constructor(lab: Lab, log: string, stay: LabProcess) {
    this.#lab = lab;
    this.#log = log;
    this.#stay = stay;
  }

  /** Starts it on node 1; `name` is its own. */
  static async start(lab: Lab, bytes: number, name: string): Promise<HandMoved> {
    const words = [...STAY, BEGIN + GO, 'stay', ...memoryHolder(bytes, `/srv/${name}`)];
    const stay = lab.node(1).spawn('unshare', words);
    await says(stay, 'here');
    const log = join(lab.shared, name);
    await untilReady(log);
    return new HandMoved(lab, log, stay);
  }

  async move(to: number): Promise<ByHand> {
    const target = this.#lab.node(to);
    const before = this.#stay;
    const next = target.spawn('unshare', [...STAY, COME + GO]);
    await says(next, 'ready');
    const since = Date.now();
    const start = performance.now();
    before.entry.stdin?.end(`${target.address}\n`);
    await Promise.race([says(next, 'here'), endsWell(before)]);
    await says(next, 'here');
    const whole = performance.now() - start;
    await before.finished;
    this.#stay = next;
    return { whole, seen: await longestGap(this.#log, since) };
  }

  async end(): Promise<void> {
    this.#stay.entry.stdin?.end();
    await this.#stay.finished;
  }
}

/** Resolves when it has said the word; a process that ends without it fails the bench with its errors. */
async function says(child: LabProcess, word: string): Promise<void> {
  const { stdout } = child.entry;
  while (!child.stdout.includes(word)) {
    if (child.ended || stdout === null)
      throw new Error(`A move by hand failed: ${(await child.finished).stderr}`);
    await Promise.race([once(stdout, 'data'), child.finished]);
  }
}

async function endsWell(child: LabProcess): Promise<void> {
  const { code, stderr } = await child.finished;
  if (code !== 0) throw new Error(`A move by hand failed: ${stderr}`);
}
