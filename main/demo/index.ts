/**
 * The demo cluster: many simulated openMosix nodes behind one SSH server on loopback, told apart by the login name. It
 * works on any system and starts no other program.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { NodeEntry } from '../../common/contract/contract.ts';
import { newKeyPair } from './key-pair.ts';
import { DEMO_ADDRESS, DemoServer, type DemoCommand, type DemoFault } from './server.ts';
import { Simulation } from './simulation.ts';

export type { DemoCommand, DemoFault };

/** A node of the demo cluster. */
export interface DemoNode {
  readonly id: number;
  readonly name: string;
  /** How to reach it: everything is in the entry, so that no ssh configuration needs to be resolved. */
  readonly entry: NodeEntry;
}

/** How a demo cluster is started. */
export interface DemoClusterOptions {
  /** How many nodes, or their ids (1..65535, gaps allowed). */
  readonly nodes: number | readonly number[];
  /** Folder for its key, known_hosts and ssh configuration; it is made when it is not there. */
  readonly folder: string;
  /** The same seed gives the same cluster. */
  readonly seed?: number;
  readonly command?: DemoCommand;
}

/** A running demo cluster. */
export interface DemoCluster {
  readonly nodes: readonly DemoNode[];
  readonly simulation: Simulation;
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

const STEP_SECONDS = 0.5;
/** After a pause (a suspended machine) no more steps than this are made up for. */
const MOST_STEPS = 20;

/** Starts a demo cluster whose time runs by itself. Fails where the folder or the port cannot be had. */
export async function startDemoCluster(options: DemoClusterOptions): Promise<DemoCluster> {
  const { nodes, folder, seed = 1 } = options;
  const ids = typeof nodes === 'number' ? Array.from({ length: nodes }, (_, index) => index + 1) : nodes;
  const simulation = new Simulation({ ids, seed });
  const hostKey = newKeyPair('mosview demo host');
  const clientKey = newKeyPair('mosview demo');
  const server = new DemoServer(simulation, hostKey.private, clientKey.public, options.command);
  const port = await server.listen();
  const keyFile = join(folder, 'client_key');
  const knownHostsFile = join(folder, 'known_hosts');
  const sshConfigFile = join(folder, 'ssh_config');
  const demoNodes = simulation.ids.map((id) => {
    const { name } = simulation.machine(id);
    const entry = { name, host: DEMO_ADDRESS, port, user: name, identityFiles: [keyFile] };
    return { id, name, entry };
  });
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(keyFile, clientKey.private, { mode: 0o600 });
    await chmod(keyFile, 0o600);
    await writeFile(knownHostsFile, `[${DEMO_ADDRESS}]:${port} ${hostKey.public.trim()}\n`);
    await writeFile(sshConfigFile, sshConfig(demoNodes, port, keyFile, knownHostsFile));
  } catch (error) {
    await server.close();
    throw error;
  }
  const start = performance.now();
  let stepsDone = 0;
  const timer = setInterval(() => {
    const stepsDue = Math.round((performance.now() - start) / 1000 / STEP_SECONDS);
    const steps = Math.min(MOST_STEPS, stepsDue - stepsDone);
    for (let step = 0; step < steps; step += 1) simulation.step(STEP_SECONDS);
    stepsDone = stepsDue;
    server.dropTheDead();
  }, STEP_SECONDS * 1000);
  return {
    nodes: demoNodes,
    simulation,
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
