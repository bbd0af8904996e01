/** `mosview discover`: the whole cluster of one node, as a table or as JSON, and into the settings where asked. */
import { targetText } from '../cluster/cluster.ts';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { discover, type Discovery } from '../discovery/index.ts';
import { settingsFileOf } from '../paths.ts';
import { makeDataFolder } from '../settings/files.ts';
import { Learned } from '../settings/learned.ts';
import { Settings } from '../settings/settings.ts';
import { parseTarget } from '../settings/target.ts';
import { createSshService, settled, type SshSession } from '../ssh/index.ts';
import type { Command } from './arguments.ts';
import { table } from './table.ts';
import { TerminalPrompter } from './terminal-prompter.ts';

/** What was found, and the names of those that were added. */
export interface PrintedDiscovery extends Discovery {
  readonly added: readonly string[];
}

/**
 * Finds the cluster of a node of the settings, or of one written as ssh would be given it. Problems: those of the
 * settings and of the connection, not-found, not-available (a demo).
 */
export async function discoverCluster(
  command: Extract<Command, { name: 'discover' }>,
  dataFolder: string,
): Promise<Result<PrintedDiscovery>> {
  if (command.demoNodes !== undefined) {
    return failure(
      problem('not-available', 'The nodes of a demo cluster have no addresses of their own to be found'),
    );
  }
  const folder = makeDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const opened = await Settings.open(command.settingsFile ?? settingsFileOf(dataFolder));
  if (!opened.ok) return opened;
  const settings = opened.value;
  const entry = entryFor(command.target, settings);
  if (!entry.ok) return entry;
  const { sshConfigFile, knownHostsFiles } = settings.values;
  const ssh = createSshService({
    dataFolder,
    prompter: new TerminalPrompter(),
    configFile: sshConfigFile,
    knownHostsFiles,
  });
  try {
    const found = await ask(ssh.open(entry.value), entry.value, settings, dataFolder);
    if (!found.ok) return found;
    const added = command.add
      ? await settings.add(found.value.nodes.filter(({ known }) => !known).map((node) => node.entry))
      : success([]);
    return added.ok ? success({ ...found.value, added: added.value.map(({ name }) => name) }) : added;
  } finally {
    await ssh.dispose();
  }
}

function entryFor(target: string, settings: Settings): Result<NodeEntry> {
  const known =
    settings.nodes.find(({ name }) => name === target) ?? settings.nodes.find(({ host }) => host === target);
  return known === undefined ? parseTarget(target) : success(known);
}

async function ask(
  session: SshSession,
  entry: NodeEntry,
  settings: Settings,
  dataFolder: string,
): Promise<Result<Discovery>> {
  const state = await settled(session);
  if (state.kind === 'waiting' || state.kind === 'failed') return failure(state.problem);
  const learned = await Learned.open(dataFolder);
  try {
    return await discover({
      entry,
      session,
      sshConfigFile: settings.values.sshConfigFile,
      known: settings.nodes.map((node) => ({ entry: node, id: learned.idOf(node.name) })),
    });
  } finally {
    await learned.close();
  }
}

/** What was found for a terminal: the nodes, and below them what should be known before they are added. */
export function discoveryLines({ nodes, beside, notes, added }: PrintedDiscovery): string {
  const rows = [...nodes, ...beside].map(({ entry, about, known }) => [
    entry.name,
    targetText(entry),
    added.includes(entry.name) ? 'added' : known ? 'there already' : 'new',
    about,
  ]);
  const listed = table(
    [
      ['NAME', 'left'],
      ['TARGET', 'left'],
      ['SETTINGS', 'left'],
      ['FOUND', 'left'],
    ],
    rows,
  );
  return [...(rows.length === 0 ? [] : [listed]), ...notes.map((note) => `\n${note}`)].join('\n');
}
