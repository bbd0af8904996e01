/** What one node says of its cluster, before and after duplicates are joined. Everything in it is untrusted. */

/**
 * Where something was found, most trusted first: what the kernel has now (setpe -r, MattX' table), what the agent says,
 * the folders of openMosix' nodes, and then the file that a kernel was once given.
 */
export const SOURCES = ['setpe', 'mattx', 'agent', 'nodes', 'map'] as const;
export type Source = (typeof SOURCES)[number];

export const SOURCE_WORDS: Readonly<Record<Source, string>> = {
  setpe: 'setpe -r',
  mattx: "MattX' table",
  agent: "the agent's map",
  nodes: "openMosix' node folders",
  map: 'the map',
};

/** One line of one source. */
export interface Finding {
  readonly source: Source;
  readonly id: number;
  /** Names or addresses; the first is the one to be reached at. None where the source has only ids. */
  readonly addresses: readonly string[];
}

/** What a source gave. */
export interface Findings {
  readonly findings: readonly Finding[];
  /** What the operator should know of it, in sentences. */
  readonly notes: readonly string[];
}

/** One node of the cluster, from all sources. */
export interface FoundNode {
  readonly id: number;
  readonly addresses: readonly string[];
  readonly sources: readonly Source[];
}

/** Most nodes of one cluster that are looked at; what is beyond is said. */
export const MOST_NODES = 5000;
