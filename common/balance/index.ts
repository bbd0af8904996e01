/**
 * The policy of load balancing, openMosix' own: what it would do with the present loads, where a process should go and
 * how a group spreads. Pure; the window's preview, recommendations and the node's agent share it.
 */
export { withSpeeds, type BalanceNode } from './node.ts';
export { expectedMoves, type Expectation, type ExpectedMoves } from './moves.ts';
export {
  bestTarget,
  spread,
  traveller,
  type BalanceProcess,
  type Recommendation,
  type Spread,
} from './target.ts';
