/** A relay in front of one node of the lab, which can flip one bit of what passes to it, as a bad cable or card would. */
import { enrol } from '../harness/lab/enrol.ts';
import { startLab, type Lab, type LabNode, type LabProcess } from '../harness/lab/lab.ts';
import { AGENT_PORT } from '../../common/trust/map.ts';
import { startAgents, until } from './cluster.ts';

/** Passes connections on; a line with a number flips a bit of that byte of the next connection's. */
const RELAY = `
const { connect, createServer } = require('node:net');
const [address, port] = process.argv.slice(1);
let armed;
createServer((socket) => {
  const far = connect(Number(port), address);
  let at = armed ?? Infinity;
  armed = undefined;
  socket.on('data', (bytes) => {
    if (at < bytes.length) bytes[at] ^= 1;
    at = at < bytes.length ? Infinity : at - bytes.length;
    if (!far.write(bytes)) socket.pause();
  });
  far.on('drain', () => socket.resume());
  far.pipe(socket);
  for (const [one, other] of [[socket, far], [far, socket]]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(Number(port), () => console.log('listens'));
process.stdin.setEncoding('utf8').on('data', (text) => {
  armed = Number(text);
  console.log('armed');
});
`;

export class Flipper {
  /** Where it runs. */
  readonly node: LabNode;
  /** The node it is in front of. */
  readonly to: number;
  readonly #relay: LabProcess;

  constructor(node: LabNode, before: LabNode) {
    this.node = node;
    this.to = before.id;
    this.#relay = node.spawn('node', ['-e', RELAY, before.address, String(AGENT_PORT)]);
  }

  /** Resolves when it passes connections on. */
  async ready(): Promise<void> {
    await until('the relay listens', () => this.#relay.stdout.includes('listens'));
  }

  /** The byte at this place of the next connection arrives with one bit wrong. */
  async arm(place: number): Promise<void> {
    const said = this.#relay.stdout.length;
    this.#relay.entry.stdin?.write(String(place));
    await until('the relay is armed', () => this.#relay.stdout.length > said);
  }
}

/** Three nodes of a cluster, of which the third is reached through a relay that runs on a fourth. */
export async function startRelayedCluster(): Promise<{ readonly lab: Lab; readonly flipper: Flipper }> {
  const lab = await startLab({ nodes: [{}, {}, {}, {}] });
  const [last, relay] = [lab.node(3), lab.node(4)];
  const flipper = new Flipper(relay, last);
  await flipper.ready();
  const { id, name } = last;
  const relayed = { id, name, address: relay.address, run: last.run.bind(last) };
  await enrol([lab.node(1), lab.node(2), relayed]);
  await startAgents([1, 2, 3].map((id) => lab.node(id)));
  return { lab, flipper };
}
