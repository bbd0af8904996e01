/** The MattX demo: a simulated cluster behind the demo's SSH server. */
import { serveDemo, type ServedDemo } from '../served.ts';
import type { DemoWorld } from '../world.ts';
import { MattxCluster } from './cluster.ts';
import { MattxOperator } from './operator.ts';
import { MattxSampler } from './sampler.ts';
import { demoOptions } from './workload.ts';

/** How a MattX demo is started. */
export interface MattxDemoOptions {
  /** How many nodes, 1 to 200. */
  readonly nodes: number;
  /** Folder for its key, known_hosts and ssh configuration; it is made when it is not there. */
  readonly folder: string;
  /** The same seed gives the same cluster. */
  readonly seed?: number;
}

/** A running MattX demo. */
export interface MattxDemo extends ServedDemo {
  readonly cluster: MattxCluster;
}

/** Small enough that a journey of a fifth of a second can be seen. */
const STEP_MILLISECONDS = 100;
/** What has happened before anybody looks. */
const WARM_UP_MILLISECONDS = 45_000;

/** Starts a MattX demo whose time runs by itself. Fails where the folder or the port cannot be had. */
export async function startMattxDemo({ nodes, folder, seed = 1 }: MattxDemoOptions): Promise<MattxDemo> {
  const cluster = new MattxCluster(demoOptions(nodes, seed));
  cluster.advance(WARM_UP_MILLISECONDS);
  const world: DemoWorld = {
    nodes: cluster.nodes.map(({ id }, index) => ({ id, name: `node${index + 1}` })),
    stepSeconds: STEP_MILLISECONDS / 1000,
    step: () => cluster.advance(STEP_MILLISECONDS),
    isUp: (id) => cluster.node(id).up,
    sampler: (id) => new MattxSampler(cluster, id),
    operator: (id, obedience) => new MattxOperator(cluster, id, obedience),
  };
  const served = await serveDemo(world, folder);
  return { ...served, cluster };
}
