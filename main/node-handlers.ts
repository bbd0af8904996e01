/** The calls about the nodes that are watched: how they come in and go, and what each is asked or told by itself. */
import type { NodeEntry } from '../common/contract/contract.ts';
import { problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { Handlers } from './calls.ts';
import { targetText } from './cluster/cluster.ts';
import { discover } from './discovery/index.ts';
import type { Monitor } from './monitor.ts';
import { parseMap } from './nodes/openmosix/map.ts';
import type { Settings } from './settings/settings.ts';
import { parseTarget } from './settings/target.ts';
import { readSshConfigCandidates, type SshService } from './ssh/index.ts';

/** What the calls are handed to. */
export interface NodeServices {
  readonly monitor: Monitor;
  readonly ssh: SshService;
  readonly settings: Settings;
  /** Nodes of a demo are in no settings. */
  readonly isOfDemo: (entry: NodeEntry) => boolean;
}

type NodeCall =
  | 'node'
  | 'importSshConfig'
  | 'importMap'
  | 'discover'
  | 'addNode'
  | 'addNodes'
  | 'removeNode'
  | 'reconnect'
  | 'forgetHostKey';

/** Their handlers. `services` is asked at each call: they begin later than the handlers. */
export function nodeHandlers(services: () => NodeServices): Pick<Handlers, NodeCall> {
  const nothing = success({});
  return {
    node: ({ key }) => {
      const detail = services().monitor.cluster.detail(key, Date.now());
      return detail === undefined ? noNode(key) : success(detail);
    },
    importSshConfig: async ({ path }) => {
      const found = await readSshConfigCandidates({
        path,
        isKnown: (entry) => services().settings.has(entry),
      });
      if (!found.ok) return found;
      const { candidates, notices } = found.value;
      return success({ path: found.value.path, candidates: [...candidates], notices: [...notices] });
    },
    importMap: ({ text }) => {
      const entries = parseMap(text);
      if (!entries.ok) return entries;
      const candidates = entries.value.map((entry) => ({
        entry,
        about: `node ${entry.id ?? '?'} at ${targetText(entry)}`,
        known: services().settings.has(entry),
      }));
      return success({ candidates });
    },
    discover: async ({ key }) => {
      const { monitor, settings } = services();
      const { cluster } = monitor;
      const link = cluster.linkOf(key);
      if (link === undefined) return noNode(key);
      const found = await discover({
        entry: link.entry,
        session: link.session,
        sshConfigFile: settings.values.sshConfigFile,
        known: [...cluster.links].map(({ entry, selfId }) => ({ entry, id: selfId })),
      });
      if (!found.ok) return found;
      const { nodes, beside, notes } = found.value;
      return success({
        name: link.entry.name,
        nodes: [...nodes],
        beside: [...beside],
        notes: [...notes],
      });
    },
    addNode: async ({ target }) => {
      const entry = parseTarget(target);
      if (!entry.ok) return entry;
      if (services().settings.has(entry.value)) {
        return failure(problem('bad-input', `${targetText(entry.value)} is in the settings already`));
      }
      const added = await add(services(), [entry.value]);
      return added.ok ? success({ name: added.value[0]?.name ?? entry.value.name }) : added;
    },
    addNodes: async ({ entries }) => {
      const added = await add(services(), entries);
      return added.ok ? success({ added: added.value.length }) : added;
    },
    removeNode: async ({ key }) => {
      const { monitor, settings, isOfDemo } = services();
      const link = monitor.cluster.linkOf(key);
      if (link === undefined) return noNode(key);
      const removed = isOfDemo(link.entry) ? success(undefined) : await settings.remove(link.entry.name);
      if (!removed.ok) return removed;
      await monitor.remove(link);
      return nothing;
    },
    reconnect: ({ key }) => {
      const link = services().monitor.cluster.linkOf(key);
      if (link === undefined) return noNode(key);
      link.reconnect();
      return nothing;
    },
    forgetHostKey: async ({ key }) => {
      const link = services().monitor.cluster.linkOf(key);
      if (link === undefined) return noNode(key);
      const forgotten = await link.session.forgetHostKey();
      return forgotten.ok ? nothing : forgotten;
    },
  };
}

/** What is answered for a node that is not there. */
export function noNode(key: string): Result<never> {
  return failure(problem('not-found', `There is no node "${key}" any more`));
}

/** Adds entries to the settings and watches those that were new. */
async function add(
  { settings, monitor, ssh }: NodeServices,
  entries: readonly NodeEntry[],
): Promise<Result<readonly NodeEntry[]>> {
  const added = await settings.add(entries);
  if (added.ok) monitor.add(added.value, ssh);
  return added;
}
