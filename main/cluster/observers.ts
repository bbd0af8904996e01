/**
 * Which nodes feed the overview. Any openMosix node knows the whole cluster, so a few are asked for it; several, and
 * spread over the ids, so that one node's stale or cut-off view is noticed.
 */

/**
 * Chooses `count` observers among the candidates (ids of nodes that answer now, any order). Present observers that
 * still answer stay, so that the source of the figures does not hop; free places go to the candidates farthest from
 * those chosen, the lowest id first.
 */
export function chooseObservers(
  candidates: readonly number[],
  present: ReadonlySet<number>,
  count: number,
): ReadonlySet<number> {
  const chosen = new Set(candidates.filter((id) => present.has(id)).slice(0, count));
  const free = candidates.filter((id) => !chosen.has(id)).sort((a, b) => a - b);
  while (chosen.size < count && free.length > 0) {
    let best = 0;
    let bestDistance = -1;
    for (const [index, id] of free.entries()) {
      let distance = Infinity;
      for (const other of chosen) distance = Math.min(distance, Math.abs(other - id));
      if (distance > bestDistance) {
        best = index;
        bestDistance = distance;
      }
    }
    for (const id of free.splice(best, 1)) chosen.add(id);
  }
  return chosen;
}
