/**
 * The policy of load balancing, openMosix' own: what it would do with the present loads, where a process should go and
 * how a group spreads, and what each node decides by itself. Pure; the window's preview and recommendations, the node's agent
 * and the simulator share it.
 */
export { isShortOfMemory, withSpeeds, type BalanceNode } from './node.ts';
export { expectedMoves, type Expectation, type ExpectedMoves } from './moves.ts';
export type { BalanceProcess } from './fit.ts';
export { bestTarget, spread, traveller, type Recommendation, type Spread } from './target.ts';
export { balancedLoad, nextLoad, nextWeight, NO_LOAD, normalised, type SmoothedLoad } from './load.ts';
export { LoadVector, MOST_TO_ACT_ON, OLDEST_TO_ACT_ON, WINDOW, type LoadEntry } from './load-vector.ts';
export {
  decide,
  DEFAULT_LIMITS,
  freezeOf,
  MOST_QUESTIONS,
  placement,
  together,
  whyRefused,
  withAdmitted,
  type AdmissionRequest,
  type Job,
  type Limits,
  type MoveCosts,
  type MovedMemory,
} from './decide.ts';
