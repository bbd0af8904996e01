/**
 * A simulated cluster behind an SSH server on loopback, with the key and the files a client needs. It works on any system
 * and starts no other program.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { newKeyPair } from './key-pair.ts';
import { DEMO_ADDRESS, DemoServer, type DemoCommand, type DemoFault } from './server.ts';
import type { DemoWorld } from './world.ts';

/** A node of the demo cluster. */
export interface DemoNode {
  readonly id: number;
  readonly name: string;
  /** How to reach it: everything is in the entry, so that no ssh configuration needs to be resolved. */
  readonly entry: NodeEntry;
}

/** A demo cluster that can be reached, whatever it simulates. */
export interface ServedDemo {
  readonly nodes: readonly DemoNode[];
  /** An OpenSSH client configuration: `ssh -F FILE node3` reaches the third node. */
  readonly sshConfigFile: string;
  readonly knownHostsFile: string;
  /** Switches a fault on, or `none` for a healthy node. */
  setFault(id: number, fault: DemoFault): void;
  /** Cuts the node's connections as a pulled cable and a reset would; it can be reached again at once. */
  drop(id: number): void;
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
}

/** After a pause (a suspended machine) no more steps than this are made up for. */
const MOST_STEPS = 20;

/**
 * Serves a cluster and lets its time run by itself. Its files are put into a folder, which is made when it is not there.
 * Fails where the folder or the port cannot be had.
 */
export async function serveDemo(
  world: DemoWorld,
  folder: string,
  command?: DemoCommand,
): Promise<ServedDemo> {
  const hostKey = newKeyPair('mosview demo host');
  const clientKey = newKeyPair('mosview demo');
  const server = new DemoServer(world, hostKey.private, clientKey.public, command);
  const port = await server.listen();
  const keyFile = join(folder, 'client_key');
  const knownHostsFile = join(folder, 'known_hosts');
  const sshConfigFile = join(folder, 'ssh_config');
  const nodes = world.nodes.map(({ id, name }) => {
    const entry = { name, host: DEMO_ADDRESS, port, user: name, identityFiles: [keyFile] };
    return { id, name, entry };
  });
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(keyFile, clientKey.private, { mode: 0o600 });
    await chmod(keyFile, 0o600);
    await writeFile(knownHostsFile, `[${DEMO_ADDRESS}]:${port} ${hostKey.public.trim()}\n`);
    await writeFile(sshConfigFile, sshConfig(nodes, port, keyFile, knownHostsFile));
  } catch (error) {
    await server.close();
    throw error;
  }
  const start = performance.now();
  let stepsDone = 0;
  const timer = setInterval(() => {
    const stepsDue = Math.round((performance.now() - start) / 1000 / world.stepSeconds);
    const steps = Math.min(MOST_STEPS, stepsDue - stepsDone);
    for (let step = 0; step < steps; step += 1) world.step();
    stepsDone = stepsDue;
    server.dropTheDead();
  }, world.stepSeconds * 1000);
  return {
    nodes,
    sshConfigFile,
    knownHostsFile,
    setFault: (id, fault) => server.setFault(id, fault),
    drop: (id) => server.drop(id),
    close: async () => {
      clearInterval(timer);
      await server.close();
    },
  };
}

function sshConfig(
  nodes: readonly DemoNode[],
  port: number,
  keyFile: string,
  knownHostsFile: string,
): string {
  const users = nodes.map((node) => `Host ${node.name}\n  User ${node.name}\n`);
  return `# Made by mosview's demo cluster; valid while it runs.
${users.join('')}Host node* ${DEMO_ADDRESS}
  HostName ${DEMO_ADDRESS}
  Port ${port}
  IdentityFile "${keyFile}"
  IdentitiesOnly yes
  UserKnownHostsFile "${knownHostsFile}"
  StrictHostKeyChecking yes
`;
}
