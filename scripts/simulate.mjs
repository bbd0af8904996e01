/**
 * `npm run simulate [-- --workload NAME] [-- --nodes N,N...] [-- --json]`: the balancing policy of common/balance on simulated
 * clusters, beside no migration and a central oracle. Prints tables for people; with --json one object with a key per size.
 */
import { ensureNode } from './node.mjs';

await ensureNode();
const { command } = await import('./simulate/command.ts');
process.exit(command(process.argv.slice(2)));
