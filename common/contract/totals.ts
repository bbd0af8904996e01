/** Sums over the nodes that are up, as a schema; see ClusterTotals in common/model/cluster.ts. */
import { z } from 'zod';

export const totalsSchema = z.object({
  efficiency: z.number(),
  loadPercent: z.number(),
  memoryTotal: z.number(),
  memoryUsed: z.number(),
  cpus: z.number(),
  nodesUp: z.number(),
});
