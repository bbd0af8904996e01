/** What the demo's SSH server shows: the nodes of some simulated cluster, each with mosview's two programs on it. */
import type { TickMode } from '../../common/wire/protocol.ts';
import type { ProgramCall } from './shell.ts';

/** How a node takes what is written: `refuses` says no to everything, `ignores` says yes and does nothing. */
export type Obedience = 'obeys' | 'refuses' | 'ignores';

/** What stands for resources/sampler.sh on one channel to a node. */
export interface NodeSampler {
  /** The greeting and everything up to `ready`. */
  greet(nonce: string, root: string): string;
  /** The frame that answers a tick, as bytes of Latin-1; with `places` it tells of the processes that migrate, too. */
  frame(mode: TickMode, sequence: number, places: boolean): string;
}

/** What stands for resources/operator.sh on a node. */
export interface NodeOperator {
  /** The whole output for the lines of a batch, as bytes of Latin-1. */
  answer(call: ProgramCall, lines: readonly string[]): string;
}

/** A simulated cluster whose time passes only in step(). */
export interface DemoWorld {
  /** Its nodes in the order they are shown; a node's name is also the login name that leads to it. */
  readonly nodes: readonly { readonly id: number; readonly name: string }[];
  /** Seconds of a step, at most one. */
  readonly stepSeconds: number;
  step(): void;
  isUp(id: number): boolean;
  sampler(id: number): NodeSampler;
  operator(id: number, obedience: Obedience): NodeOperator;
}
