/** The demo clusters: many simulated nodes behind one SSH server on loopback, told apart by the login name. */
import { startMattxDemo } from './mattx/demo.ts';
import { openmosixWorld } from './openmosix-world.ts';
import type { DemoRequest } from './request.ts';
import { serveDemo, type ServedDemo } from './served.ts';
import type { DemoCommand, DemoFault } from './server.ts';
import { Simulation } from './simulation.ts';

export type { DemoCommand, DemoFault, ServedDemo };

/** How an openMosix demo cluster is started. */
export interface DemoClusterOptions {
  /** How many nodes, or their ids (1..65535, gaps allowed). */
  readonly nodes: number | readonly number[];
  /** Folder for its key, known_hosts and ssh configuration; it is made when it is not there. */
  readonly folder: string;
  /** The same seed gives the same cluster. */
  readonly seed?: number;
  readonly command?: DemoCommand;
}

/** A running openMosix demo cluster. */
export interface DemoCluster extends ServedDemo {
  readonly simulation: Simulation;
}

/** Starts the demo cluster that was asked for. Fails where the folder or the port cannot be had. */
export function startDemo({ demoNodes, demoDialect }: DemoRequest, folder: string): Promise<ServedDemo> {
  return demoDialect === 'mattx'
    ? startMattxDemo({ nodes: demoNodes, folder })
    : startDemoCluster({ nodes: demoNodes, folder });
}

/** Starts an openMosix demo cluster whose time runs by itself. Fails where the folder or the port cannot be had. */
export async function startDemoCluster(options: DemoClusterOptions): Promise<DemoCluster> {
  const { nodes, folder, seed = 1 } = options;
  const ids = typeof nodes === 'number' ? Array.from({ length: nodes }, (_, index) => index + 1) : nodes;
  const simulation = new Simulation({ ids, seed });
  const served = await serveDemo(openmosixWorld(simulation), folder, options.command);
  return { ...served, simulation };
}
