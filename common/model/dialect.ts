/** What each dialect is called in words, and whose processes its nodes can take; free of schemas, so that the window can use it. */
import type { Dialect } from './node.ts';
import { assertNever } from './result.ts';

interface DialectWords {
  /** As its makers write it. */
  readonly title: string;
  /** Its cluster, whose nodes exchange processes with each other and with no others; null where they exchange none. */
  readonly cluster: ClusterWords | null;
}

interface ClusterWords {
  /** What a node is that speaks it and is in no cluster. */
  readonly outside: string;
  /** How it begins and ends there; mosview does neither. */
  readonly begins: string;
}

const WORDS: Readonly<Record<Dialect, DialectWords>> = {
  openmosix: {
    title: 'openMosix',
    cluster: { outside: 'switched off there (mospe)', begins: 'started and stopped at the node itself' },
  },
  mattx: {
    title: 'MattX',
    cluster: { outside: 'loaded there and in no cluster', begins: 'loaded and unloaded at the node itself' },
  },
  openmosix26: {
    title: 'openMosix for 2.6',
    cluster: { outside: 'there, and has no id of its own', begins: "part of the node's kernel" },
  },
  agent: {
    title: 'mosview agent',
    cluster: { outside: 'there and in no cluster', begins: 'started and stopped at the node itself' },
  },
  linux: { title: 'plain Linux', cluster: null },
};

/** What a dialect is called; `version` is shown with it where the node tells one. */
export function dialectTitle(dialect: Dialect | null, version = ''): string {
  if (dialect === null) return 'not known yet';
  return version === '' ? WORDS[dialect].title : `${WORDS[dialect].title} ${version}`;
}

/** Whether its nodes exchange processes; one that has not said yet what it speaks may. */
export function exchanges(dialect: Dialect | null): boolean {
  return dialect === null || WORDS[dialect].cluster !== null;
}

/**
 * What a node is that takes no processes of a home because of what both speak, in words that go on from `it is`: `no MattX
 * node`. Empty where nothing speaks against it; what is not known yet does not.
 */
export function foreignTo(home: Dialect | null, target: Dialect | null): string {
  if (target === null || (exchanges(target) && (home === null || home === target))) return '';
  return home !== null && exchanges(home) ? `no ${WORDS[home].title} node` : WORDS[target].title;
}

/** As what a node is sampled: `mattx node 785`; without an id how it stands there. */
export function samplingWords(dialect: Dialect, selfId: number | undefined): string {
  if (selfId !== undefined) return `${dialect} node ${selfId}`;
  const { cluster } = WORDS[dialect];
  return cluster === null ? dialect : `${dialect}, which is ${cluster.outside}`;
}

/** How a node stands in its cluster. */
export type Membership = 'runs' | 'configured' | 'outside' | 'unknown';

/** Whether the cluster's part runs on a node, as a sentence; it is shown and never changed from here. */
export function membershipWords(dialect: Dialect | null, membership: Membership): string {
  if (dialect === null) return 'What it speaks is not known yet.';
  const { title, cluster } = WORDS[dialect];
  if (cluster === null) return `It is ${title}, which is part of no cluster.`;
  const { outside, begins } = cluster;
  switch (membership) {
    case 'runs':
      return `${title} runs; it is ${begins}.`;
    case 'configured':
      return `${title} is configured and does not run; it is ${begins}.`;
    case 'outside':
      return `${title} is ${outside}; it is ${begins}.`;
    case 'unknown':
      return `Whether ${title} runs there is not known.`;
    default:
      return assertNever(membership);
  }
}
