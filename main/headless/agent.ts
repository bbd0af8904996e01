/** `mosview agent`: puts the agent on nodes over SSH, takes it off, and says how it is; what is done is said first. */
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { AgentOutcome, AgentPlan } from '../../common/model/agent-install.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { operatorName } from '../control/who.ts';
import { Enroller, type EnrolPlan, type MemberStatus } from '../enrol/index.ts';
import type { PackageFiles } from '../enrol/package.ts';
import { carryOutRecorded } from '../enrol/recorded.ts';
import type { RemoteNode } from '../enrol/remote.ts';
import { settingsFileOf } from '../paths.ts';
import { makeDataFolder } from '../settings/files.ts';
import { Settings } from '../settings/settings.ts';
import { parseTarget } from '../settings/target.ts';
import { createSshService, settled, type SshSession } from '../ssh/index.ts';
import type { AgentCommand } from './agent-arguments.ts';
import { ALL } from './reach.ts';
import { table } from './table.ts';
import { confirm, TerminalPrompter } from './terminal-prompter.ts';

/** How a command ended. */
export type AgentEnd =
  | { readonly kind: 'planned'; readonly plan: AgentPlan }
  | { readonly kind: 'ended'; readonly outcome: AgentOutcome }
  | { readonly kind: 'status'; readonly cluster: string; readonly nodes: readonly MemberStatus[] };

export interface AgentSurroundings {
  readonly dataFolder: string;
  readonly files: PackageFiles;
  readonly onProblem: (problem: Problem) => void;
  /** A line for each step on a node. */
  readonly onProgress: (line: string) => void;
  /** What is going to be done, before it is begun. */
  readonly onPlan: (text: string) => void;
}

/** Carries the command out. Problems: those of the settings and of planning, cancelled (the operator said no). */
export async function runAgentCommand(
  command: AgentCommand,
  surroundings: AgentSurroundings,
): Promise<Result<AgentEnd>> {
  const { dataFolder, files } = surroundings;
  const folder = makeDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const settings = await Settings.open(command.settingsFile ?? settingsFileOf(dataFolder));
  if (!settings.ok) return settings;
  const entries = entriesOf(command.nodes, settings.value.nodes);
  if (!entries.ok) return entries;
  const { sshConfigFile, knownHostsFiles } = settings.value.values;
  const ssh = createSshService({
    dataFolder,
    prompter: new TerminalPrompter(),
    configFile: sshConfigFile,
    knownHostsFiles,
  });
  const sessions = new Map<string, SshSession>();
  const connect = async (entry: NodeEntry): Promise<Result<RemoteNode>> => {
    const session = sessions.get(entry.name) ?? ssh.open(entry);
    sessions.set(entry.name, session);
    const state = await settled(session);
    return state.kind === 'waiting' || state.kind === 'failed'
      ? failure(state.problem)
      : success({ entry, session });
  };
  try {
    return await inConnection(
      command,
      entries.value,
      new Enroller({ dataFolder, files, connect }),
      surroundings,
    );
  } finally {
    await ssh.dispose();
  }
}

async function inConnection(
  command: AgentCommand,
  entries: readonly NodeEntry[],
  enroller: Enroller,
  { dataFolder, onProblem, onProgress, onPlan }: AgentSurroundings,
): Promise<Result<AgentEnd>> {
  if (command.verb === 'status') {
    const status = await enroller.status(command.cluster);
    return status.ok ? success({ kind: 'status', ...status.value }) : status;
  }
  const planned = await planOf(command, entries, enroller);
  if (!planned.ok) return planned;
  const { shown } = planned.value;
  onPlan(planText(shown));
  const isRefused = shown.nodes.every(({ refusal }) => refusal !== '');
  if (command.dryRun || isRefused) return success({ kind: 'planned', plan: shown });
  if (!command.yes && !(await confirm('', 'Do this (yes/no)? '))) {
    return failure(problem('cancelled', 'Nothing was changed'));
  }
  const outcome = await carryOutRecorded(enroller, planned.value, {
    dataFolder,
    who: operatorName(),
    onProblem,
    onProgress: ({ name, words }) => onProgress(`${name}: ${words}`),
  });
  return outcome.ok ? success({ kind: 'ended', outcome: outcome.value }) : outcome;
}

function planOf(
  { verb, cluster, ids, addresses, port, forget }: AgentCommand,
  entries: readonly NodeEntry[],
  enroller: Enroller,
): Promise<Result<EnrolPlan>> {
  return verb === 'install'
    ? enroller.planInstall({ entries, cluster, ids, addresses, port })
    : enroller.planRemove(entries, cluster, forget);
}

/** The entries of nodes as they were typed. Problems: bad-input. */
function entriesOf(words: readonly string[], known: readonly NodeEntry[]): Result<readonly NodeEntry[]> {
  if (words.includes(ALL)) {
    return known.length > 0
      ? success(known)
      : failure(problem('bad-input', 'There are no nodes in the settings'));
  }
  const entries = new Map<string, NodeEntry>();
  for (const word of words) {
    const found = known.find(({ name }) => name === word) ?? known.find(({ host }) => host === word);
    const entry = found === undefined ? parseTarget(word) : success(found);
    if (!entry.ok) return entry;
    if (entries.has(entry.value.name)) return failure(problem('bad-input', `"${word}" is named twice`));
    entries.set(entry.value.name, entry.value);
  }
  return success([...entries.values()]);
}

/** A plan for a terminal: every node with what is there and what will be done. */
export function planText({ kind, cluster, nodes, beside }: AgentPlan): string {
  const head =
    kind === 'install'
      ? `The agent of cluster ${cluster} is installed:`
      : `The agent of cluster ${cluster} is removed:`;
  const lines = nodes.flatMap(({ name, target, id, there, steps, notes, refusal }) => [
    '',
    `${name} (${[...(id === null ? [] : [`node ${id}`]), target].join(', ')}): ${there}`,
    ...steps.map((step) => `  - ${step}`),
    ...notes.map((note) => `  ! ${note}`),
    ...(refusal === '' ? [] : [`  refused: ${refusal}`]),
  ]);
  const also = beside.length === 0 ? [] : ['', ...beside.map((words) => `Also: ${words}`)];
  return [head, ...lines, ...also].join('\n');
}

/** What came of it, for a terminal. */
export function outcomeTable({ nodes, untold }: AgentOutcome): string {
  const rows = table(
    [
      ['ID', 'right'],
      ['NAME', 'left'],
      ['RESULT', 'left'],
      ['', 'left'],
    ],
    nodes.map(({ id, name, state, words }) => [id === null ? '-' : String(id), name, state, words]),
  );
  const late = untold.map((words) => `Could not be given the new map, and gets it from the others: ${words}`);
  return [rows, ...late].join('\n');
}

/** The members of a cluster for a terminal. */
export function agentStatusTable({ nodes }: Extract<AgentEnd, { kind: 'status' }>): string {
  return table(
    [
      ['ID', 'right'],
      ['NAME', 'left'],
      ['ADDRESS', 'left'],
      ['PORT', 'right'],
      ['AGENT', 'left'],
    ],
    nodes.map(({ id, name, address, port, words }) => [String(id), name, address, String(port), words]),
  );
}
