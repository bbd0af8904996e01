/**
 * Reads the nodes of the agent's cluster: from what `mos status --json` prints, or from the signed map that only root may
 * read there (/etc/mosview/cluster.map). A signature is of no use here: nothing is trusted, and the operator chooses.
 */
import { z } from 'zod';
import { jsonOf } from '../../common/model/json.ts';
import { nodeIdSchema } from '../../common/model/node.ts';
import { MOST_NODES, type Finding, type Findings } from './types.ts';

const nodesSchema = z.array(z.object({ id: nodeIdSchema, address: z.string().min(1).max(255) }));
const statusSchema = z.object({ id: nodeIdSchema, nodes: nodesSchema });
const signedSchema = z.object({ map: z.object({ nodes: nodesSchema }) });

/** The nodes with the own id; undefined where only the map says them. Both texts are empty where there is none. */
export function parseAgent(status: string, signed: string): Findings & { readonly self: number | undefined } {
  const said = statusSchema.safeParse(jsonOf(status));
  const map = signedSchema.safeParse(jsonOf(signed));
  const all = said.success && said.data.nodes.length > 0 ? said.data.nodes : map.data?.map.nodes;
  const findings = (all ?? [])
    .slice(0, MOST_NODES)
    .map(({ id, address }): Finding => ({ source: 'agent', id, addresses: [address] }));
  const notes: string[] = [];
  if (all !== undefined && all.length > findings.length) {
    notes.push(`The agent knows ${all.length} nodes; the first ${MOST_NODES} are used.`);
  }
  if (all === undefined && `${status}${signed}`.trim() !== '') {
    notes.push('What the agent says of its cluster is not understood: it may be newer than this mosview.');
  }
  return { findings, notes, self: said.data?.id };
}
