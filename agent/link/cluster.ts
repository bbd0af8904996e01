/** The other agents as the rest of this one sees them; the node itself is one of them. */
import type { Duplex } from 'node:stream';
import type { Result } from '../../common/model/result.ts';
import type { JobId } from '../job-id.ts';
import type { Answer, Params } from '../wire/peer.ts';
import type { NodeMethods } from './protocol.ts';

export interface CallOptions {
  readonly body?: Buffer;
  readonly milliseconds?: number;
}

export interface Cluster {
  /** This node's id. */
  readonly self: number;
  /** Asks a node and waits; of this node itself without any wire. Problems as `Peer.call`. */
  call<Name extends keyof NodeMethods>(
    node: number,
    name: Name,
    params: Params<NodeMethods, Name>,
    options?: CallOptions,
  ): Promise<Result<Answer<NodeMethods, Name>>>;
  /** Tells without waiting. What is lost with a connection is told again when there is one. */
  notify<Name extends keyof NodeMethods>(
    node: number,
    name: Name,
    params: Params<NodeMethods, Name>,
    body?: Buffer,
  ): void;
  /** A connection for the images of a job. Problem: host-unreachable. */
  openImages(node: number, job: JobId, epoch: number): Promise<Result<Duplex>>;
}
