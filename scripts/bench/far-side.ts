/**
 * The far side of the SSH bench, in a process of its own so that its CPU is not counted: a demo cluster, and the same
 * samplers behind plain TCP.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { NodeEntry } from '../../common/contract/contract.ts';
import type { TickMode } from '../../common/wire/protocol.ts';
import { startDemoCluster, type DemoCluster } from '../../main/demo/index.ts';
import { SimulatedSampler } from '../../main/demo/sampler.ts';
import { EXEC_PREFIX } from '../../main/ssh/index.ts';

/** What the near side needs to know; sent once when everything listens. */
export interface FarSide {
  readonly entries: readonly NodeEntry[];
  readonly knownHostsFile: string;
  /** For OpenSSH's own client. */
  readonly sshConfigFile: string;
  /** A connection there begins with a line `NODE NONCE`; ticks follow. */
  readonly tcpPort: number;
  /** The command that an exec per sample runs; it prints one whole frame. */
  readonly sampleCommand: string;
}

const SAMPLE_COMMAND = 'sample';

const [folder = '', nodes = ''] = process.argv.slice(2);
await serve(folder, Number(nodes));

async function serve(demoFolder: string, count: number): Promise<void> {
  const demo = await startDemoCluster({
    nodes: count,
    folder: demoFolder,
    command: (node, command): string | undefined => {
      const collected = command.startsWith(EXEC_PREFIX);
      if (command.slice(collected ? EXEC_PREFIX.length : 0) !== SAMPLE_COMMAND) return undefined;
      const sampler = new SimulatedSampler(demo.simulation, node);
      sampler.greet('', '/proc');
      return `${collected ? 'mosview-output\n' : ''}${sampler.frame('own', 0, true)}`;
    },
  });
  keepFresh(demo);
  const server = createServer({ noDelay: true }, (socket) => answer(socket, demo));
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
    const farSide: FarSide = {
      entries: demo.nodes.map((node) => node.entry),
      knownHostsFile: demo.knownHostsFile,
      sshConfigFile: demo.sshConfigFile,
      tcpPort: (server.address() as AddressInfo).port,
      sampleCommand: SAMPLE_COMMAND,
    };
    process.send?.(farSide);
  });
  process.on('disconnect', () => process.exit(0));
}

/** Changes something of every node in every second, so that no row can be left out. */
function keepFresh({ simulation }: DemoCluster): void {
  let odd = 1;
  setInterval(() => {
    for (const id of simulation.ids) simulation.setSpeed(id, simulation.machine(id).hardware.speed + odd);
    odd = 1 - odd;
  }, 1000);
}

function answer(socket: Socket, { simulation }: DemoCluster): void {
  let sampler: SimulatedSampler | undefined;
  let pending = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    pending += chunk;
    for (;;) {
      const stop = pending.indexOf('\n');
      if (stop < 0) return;
      const [first = '', second = '', third] = pending.slice(0, stop).split(' ');
      pending = pending.slice(stop + 1);
      if (sampler === undefined) {
        sampler = new SimulatedSampler(simulation, Number(first));
        socket.write(sampler.greet(second, '/proc'));
      } else socket.write(sampler.frame(first as TickMode, Number(second), third === 'places'));
    }
  });
}
